import { sleep } from '../clock'
import { claimFence, FenceBusyError, fenceOn, superseded } from './steps/fence'
import { reachable } from './steps/reachable'
import { hostOf, type StepContext, type SwapHost } from './steps/step'
import { together } from './steps/together'
import { orLeft, unneededS } from './steps/unneeded'

// The script of a model has 600 s for its stop.
const ownS = 660

export interface ClaimOptions {
  /** Ids of the swap's hosts. */
  all: string[]
  /** Those that must take it; others do where they can be reached at once. */
  needed: string[]
  /** The number that this swap has given its commands so far; null: it has none. */
  mine: number | null
  /** Seconds that a needed host is waited for. */
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
  const must = ({ host }: SwapHost) => needed.includes(host.id)
  const seen = await together(lives, context, async (live, own) => {
    const look = (seconds?: number) => reachable(live, () => fenceOn(live, own), own, { patienceS: seconds })
    return must(live) ? look(patienceS) : orLeft(live.host.id, () => look(unneededS), own)
  })
  const highest = Math.max(0, ...seen.map((number) => number ?? 0))
  if (mine !== null && highest > mine) throw superseded(lives[seen.indexOf(highest)]?.host.id ?? '', highest)
  const fence = await numbered(highest)
  const told = lives.filter((_, at) => seen[at] !== null)
  await together(told, context, async (live, own) => {
    if (must(live))
      return pastOwn(live, () => reachable(live, () => claimFence(live, fence, job, own), own, { patienceS }), own)
    const quick = () => claimFence(live, fence, job, { ...own, waitS: unneededS })
    await orLeft(live.host.id, () => reachable(live, quick, own, { patienceS: unneededS }), own)
  })
}

/** A command that this very swap gave before its link was lost has its time to end. */
async function pastOwn(
  live: SwapHost,
  take: () => Promise<void>,
  { clock, signal, job, report }: StepContext,
): Promise<void> {
  const until = clock.rising() + ownS * 1000
  for (;;) {
    try {
      return await take()
    } catch (error) {
      if (!(error instanceof FenceBusyError) || error.holder !== job || clock.rising() > until) throw error
    }
    report(0, `waiting for an earlier command of this swap on ${live.host.id} to end`)
    await sleep(clock, 1000, signal)
    signal.throwIfAborted()
  }
}

/** Nothing may be written down of hosts on which somebody else has swapped since. @throws {SupersededError} */
export async function stillMine(ids: string[], context: StepContext): Promise<void> {
  await together(ids, context, async (id, own) => {
    const live = hostOf(own.hosts, id)
    const stands = await reachable(live, () => fenceOn(live, own), own)
    if (stands > context.fence) throw superseded(id, stands)
  })
}
