import { pause } from './pause'
import { NotConnectedError } from './remote-commands'

/** Repeats a remote step while the link is down, for `patienceS` at most: losing it says nothing of what runs on the Spark. */
export async function whileReachable<T>(
  act: () => Promise<T>,
  signal: AbortSignal,
  waiting: () => void = () => {},
  patienceS = 600,
): Promise<T> {
  const until = performance.now() + patienceS * 1000
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof NotConnectedError) || performance.now() > until) throw error
      waiting()
      signal.throwIfAborted()
      await pause(300, signal)
    }
  }
}
