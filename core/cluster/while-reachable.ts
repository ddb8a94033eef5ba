import { type Clock, sleep, systemClock } from '../clock'
import type { LiveHost } from './hosts'
import { needsPerson } from './link'
import { NotConnectedError } from './remote-commands'

/** A host refuses this controller, by a changed host key or a refused key: a person has to act first. */
export class HostRefusedError extends Error {
  override name = 'HostRefusedError'
  constructor(
    /** Names the host. */
    readonly why: string,
    readonly remedy: string,
  ) {
    super(`${why}; ${remedy}`)
  }
}

export interface Patience {
  /** Where given, nothing is waited for while this host refuses. */
  live?: Pick<LiveHost, 'host' | 'link'>
  clock?: Clock
  /** Told each time that the link is waited for. */
  waiting?(): void
  patienceS?: number
}

/**
 * Repeats a remote step while the link is down, for `patienceS` at most: losing it says nothing of what runs on the Spark.
 * @throws {HostRefusedError} at once
 */
export async function whileReachable<T>(
  act: () => Promise<T>,
  signal: AbortSignal,
  { live, clock = systemClock, waiting = () => {}, patienceS = 600 }: Patience = {},
): Promise<T> {
  const until = clock.rising() + patienceS * 1000
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof NotConnectedError)) throw error
      if (live && needsPerson(live.link)) {
        const { cause, remedy } = live.link
        throw new HostRefusedError(`${live.host.id}: ${cause}`, remedy ?? 'see its page')
      }
      if (clock.rising() > until) throw error
      waiting()
      signal.throwIfAborted()
      await sleep(clock, 300, signal)
    }
  }
}
