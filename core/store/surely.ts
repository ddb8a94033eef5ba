import { type Clock, sleep } from '../clock'
import { storageProblem } from './storage-problem'

const firstMs = 250
const longestMs = 5000

/**
 * Repeats a write until the disk takes it; what the tables themselves refuse is thrown at once.
 * The first attempt is made before it returns. Rejects with the signal's reason after its abort.
 * @param onTrouble told of every attempt that the disk refused
 */
export async function surely<Result>(
  act: () => Result,
  clock: Clock,
  signal: AbortSignal,
  onTrouble: (error: unknown) => void,
): Promise<Result> {
  for (let ms = firstMs; ; ms = Math.min(2 * ms, longestMs)) {
    signal.throwIfAborted()
    try {
      return act()
    } catch (error) {
      if (!storageProblem(error)) throw error
      onTrouble(error)
    }
    await sleep(clock, ms, signal)
  }
}
