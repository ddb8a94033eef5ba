import type { Clock } from '../../clock'
import { NotConnectedError, TooLongError } from '../../cluster/remote-commands'
import { HostRefusedError, whileReachable } from '../../cluster/while-reachable'
import { failed, type StepContext, type SwapHost, swapLimits } from './step'

export interface ReachableOptions {
  patienceS?: number
  /** Its time does not pass while the host is out of reach. */
  time?: LinkedTime
  /** A command that takes too long says how slow the Spark is, and is given again. */
  patient?: boolean
}

/**
 * Repeats a step of the swap while its host is out of reach, and says so.
 * @throws {StepError} `host_refused` at once, `host_unreachable` when it stays away
 */
export async function reachable<T>(
  live: SwapHost,
  act: () => Promise<T>,
  { clock, signal, report }: Pick<StepContext, 'clock' | 'signal' | 'report'>,
  { patienceS = swapLimits.linkS, time, patient = true }: ReachableOptions = {},
): Promise<T> {
  const { id } = live.host
  const began = clock.rising()
  let waited = false
  const waiting = () => {
    waited = true
    report(0, `waiting for ${id} to be reachable again`)
  }
  try {
    return await whileReachable(() => (patient ? act().catch(slowIsAway) : act()), signal, {
      live,
      clock,
      waiting,
      patienceS,
    })
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof HostRefusedError) throw failed('host_refused', error.why, error.remedy)
    if (!(error instanceof NotConnectedError)) throw error
    const remedy = live.link.remedy ?? 'look at that Spark, then swap again'
    throw failed('host_unreachable', `${id} stays out of reach: ${live.link.cause ?? error.message}`, remedy)
  } finally {
    if (waited) time?.lose(clock.rising() - began)
  }
}

/** A rising clock, ms, that leaves out what was spent in waiting for a link. */
export interface LinkedTime {
  now(): number
  lose(ms: number): void
}

export function linkedTime(clock: Clock): LinkedTime {
  let lost = 0
  return {
    now: () => clock.rising() - lost,
    lose(ms) {
      lost += ms
    },
  }
}

/** Is this the end of waiting for a host, or its refusal? */
export function isAway(error: unknown): boolean {
  const code = (error as { reason?: { code?: string } }).reason?.code
  return code === 'host_unreachable' || code === 'host_refused'
}

function slowIsAway(error: Error): never {
  throw error instanceof TooLongError ? new NotConnectedError(error.message) : error
}
