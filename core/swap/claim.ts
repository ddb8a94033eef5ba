import { claimFence, fenceOn } from './steps/fence'
import { reachable } from './steps/reachable'
import { hostOf, type StepContext } from './steps/step'
import { together } from './steps/together'

// Nothing was touched yet: a Spark that is away is no reason to wait long.
const patienceS = 20

/**
 * Puts up this swap's fence on every host of it, before anything is touched: from then on no older command changes anything.
 * @param needed ids of hosts that must take it; others do where they can be reached
 * @param numbered gives a number higher than the one seen, once it is kept
 * @throws {SupersededError} where another controller was quicker
 */
export async function claim(
  { all, needed }: { all: string[]; needed: string[] },
  context: StepContext,
  numbered: (seen: number) => Promise<number>,
): Promise<void> {
  const { hosts, job } = context
  const asked = all.filter((id) => needed.includes(id) || hosts.get(id)?.link.state === 'up')
  const lives = asked.map((id) => hostOf(hosts, id))
  const seen = await together(lives, context, (live, own) =>
    reachable(live, () => fenceOn(live, own), own, { patienceS }),
  )
  const fence = await numbered(Math.max(0, ...seen))
  await together(lives, context, (live, own) =>
    reachable(live, () => claimFence(live, fence, job, own), own, { patienceS }),
  )
}
