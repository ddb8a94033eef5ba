import type { Effect, Fate, Mishap } from './life'
import type { Random } from './random'

// Those that leave it open what was done are what orchestrators break at.
const mishaps: Mishap[] = [
  'fails',
  'throws',
  'reply-lost',
  'reply-lost',
  'late',
  'late',
  'killed-before',
  'killed-within',
  'killed-after',
]

/** Lets effects go wrong now and then. @param share of commands and writes, 0 to 1 */
export function roughFate(draw: Random, share: () => number): Fate {
  return ({ kind }: Effect) => {
    // Questions are asked all the time, and nothing depends on a single one.
    const own = kind === 'question' ? share() / 10 : share()
    return draw.chance(own) ? draw.pick(mishaps) : null
  }
}
