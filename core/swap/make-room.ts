import type { Fit } from '../models/memory/fit'
import type { Slot } from './steps/step'

/** A model of another service that could end to make room. */
export interface Candidate {
  slot: Slot
  /** When a request last used it, else when it was loaded; of one clock for all, ms. */
  usedAt: number
  /** Whoever asks may end it. */
  allowed: boolean
}

/**
 * Which models of other services have to end so that a launch fits: the least recently used first, and none for nothing.
 * Empty where it fits as it is; null where no end of those allowed helps.
 * @param fitWithout how it fits once these have ended
 */
export function roomPlan(fitWithout: (ended: Slot[]) => Fit, candidates: readonly Candidate[]): Slot[] | null {
  const fits = (ended: Candidate[]) => fitWithout(ended.map(({ slot }) => slot)).fits !== false
  if (fits([])) return []
  const ending: Candidate[] = []
  for (const candidate of candidates.filter(({ allowed }) => allowed).toSorted((a, b) => a.usedAt - b.usedAt)) {
    ending.push(candidate)
    if (fits(ending)) return spared(ending, fits).map(({ slot }) => slot)
  }
  return null
}

/** Without those whose end turns out to be needless, the most recently used first. */
function spared(ending: Candidate[], fits: (ended: Candidate[]) => boolean): Candidate[] {
  return ending.toReversed().reduce((left, candidate) => {
    const without = left.filter((each) => each !== candidate)
    return fits(without) ? without : left
  }, ending)
}
