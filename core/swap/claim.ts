import { claimFence, fenceOn, superseded } from './steps/fence'
import { reachable } from './steps/reachable'
import { hostOf, type StepContext } from './steps/step'
import { together } from './steps/together'

export interface ClaimOptions {
  /** Ids of the swap's hosts. */
  all: string[]
  /** Those that must take it; others do where they can be reached. */
  needed: string[]
  /** The number that this swap has given its commands so far; null: it has none. */
  mine: number | null
  /** Seconds that a host is waited for. */
  patienceS?: number
}

/**
 * Puts up this swap's fence on every host of it: before anything is touched, so that nothing of an older swap changes anything any
 * more; and once more when something was ended, so that a command to end it that comes late does not end what is launched then.
 * @param numbered gives a number higher than the one seen, once it is kept
 * @throws {SupersededError} where another controller was quicker
 */
export async function claim(
  { all, needed, mine, patienceS }: ClaimOptions,
  context: StepContext,
  numbered: (seen: number) => Promise<number>,
): Promise<void> {
  const { hosts, job } = context
  const asked = all.filter((id) => needed.includes(id) || hosts.get(id)?.link.state === 'up')
  const lives = asked.map((id) => hostOf(hosts, id))
  const seen = await together(lives, context, (live, own) =>
    reachable(live, () => fenceOn(live, own), own, { patienceS }),
  )
  const highest = Math.max(0, ...seen)
  if (mine !== null && highest > mine) throw superseded(lives[seen.indexOf(highest)]?.host.id ?? '', highest)
  const fence = await numbered(highest)
  await together(lives, context, (live, own) =>
    reachable(live, () => claimFence(live, fence, job, own), own, { patienceS }),
  )
}

/** Nothing may be written down of hosts on which somebody else has swapped since. @throws {SupersededError} */
export async function stillMine(ids: string[], context: StepContext): Promise<void> {
  await together(ids, context, async (id, own) => {
    const live = hostOf(own.hosts, id)
    const stands = await reachable(live, () => fenceOn(live, own), own)
    if (stands > context.fence) throw superseded(id, stands)
  })
}
