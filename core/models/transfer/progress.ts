import { gib } from '../../cluster/gib'
import type { LiveHost } from '../../cluster/hosts'
import { pause } from '../../cluster/pause'
import { NotConnectedError } from '../../cluster/remote-commands'
import { whileReachable } from '../../cluster/while-reachable'
import type { PhaseContext } from '../../jobs/runner'
import type { Expected } from './expected'
import { arrivedBytes, measure, wholeBytes } from './measured'
import { neededBytes } from './room'
import { speedometer } from './speed'

const stalledS = 180
const roomEveryMs = 10_000

/** Where bytes arrive, and which. */
export interface Arrival {
  live: LiveHost
  /** Hub directory. */
  hub: string
  repo: string
  expected: Pick<Expected, 'files'> | null
}

/**
 * Repeats a step while the host can't be reached, or is too slow to answer, and says so.
 * @param patienceS without end where left out: what was begun there runs on, and a job that let go of it would only lose it
 */
export function reachable<T>(
  live: LiveHost,
  { signal, report }: PhaseContext,
  act: () => Promise<T>,
  patienceS = Number.POSITIVE_INFINITY,
): Promise<T> {
  const patient = () =>
    act().catch((error: Error) => {
      // What runs there goes on, however long a Spark that is short of memory takes to answer.
      throw !signal.aborted && / took over [\d.]+ s on /.test(error.message)
        ? new NotConnectedError(error.message)
        : error
    })
  const waiting = () => report(0, `waiting for ${live.host.id} to be reachable again`)
  return whileReachable(patient, signal, { waiting, patienceS })
}

/** Makes the look at how much has arrived, which tells it to the job. */
export function arrivalLook({ live, hub, repo, expected }: Arrival, context: PhaseContext): () => Promise<void> {
  const read = speedometer()
  const total = expected ? wholeBytes(expected) : null
  return async function look() {
    const done = arrivedBytes(await measure(live, hub, repo, { signal: context.signal }), expected)
    const { bytesS, etaS, stillS } = read(done, total, performance.now())
    context.transfer({ done_bytes: done, total_bytes: total, bytes_s: bytesS }, etaS)
    const amount = total === null ? `${gib(done)}, how much it will be is not known` : `${gib(done)} of ${gib(total)}`
    const still = `stalled: no byte for ${Math.floor(stillS / 60)} min on ${live.host.id}, the tool there still runs; ${amount}`
    context.report(total ? done / total : 0, stillS >= stalledS ? still : `${amount} on ${live.host.id}`)
  }
}

/** Waits until there is room for the rest; what has arrived stays. */
export async function awaitRoom({ live, hub, repo, expected }: Arrival, context: PhaseContext): Promise<void> {
  const { signal, report } = context
  for (;;) {
    const measured = await reachable(live, context, () => measure(live, hub, repo, { signal }))
    const rest = expected ? wholeBytes(expected) - arrivedBytes(measured, expected) : 0
    const [free, needs] = [measured.availableBytes, neededBytes(rest)]
    const told = free === null ? 'how much is free is not told' : `${gib(free)} free, ${gib(needs)} needed`
    report(0, `disk full on ${live.host.id}: ${told}; it goes on by itself when there is room`)
    context.transfer(
      { done_bytes: arrivedBytes(measured, expected), total_bytes: expected ? wholeBytes(expected) : null, bytes_s: 0 },
      null,
    )
    // At least once, also where `df` knows of no lack: a quota does not show there.
    await pause(roomEveryMs, signal)
    signal.throwIfAborted()
    const again = await reachable(live, context, () => measure(live, hub, repo, { signal }))
    if (again.availableBytes === null || again.availableBytes >= needs) return
  }
}

/** Waits so many seconds and tells how many are left. */
export async function countDown(seconds: number, why: string, { signal, report }: PhaseContext): Promise<void> {
  for (let left = Math.ceil(seconds); left > 0; left--) {
    report(0, `${why}; again in ${left} s`)
    await pause(1000, signal)
    signal.throwIfAborted()
  }
}
