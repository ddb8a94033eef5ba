import { isAway } from './reachable'
import { type StepContext, StepError, SupersededError } from './step'

/** Seconds that a host which nothing is launched on is waited for. */
export const unneededS = 10

/**
 * Does something on a host that nothing is launched on; where it can't be done the host is left, and that is logged.
 * @returns null where it was left
 * @throws {SupersededError}
 */
export async function orLeft<Done>(id: string, act: () => Promise<Done>, context: StepContext): Promise<Done | null> {
  try {
    return await act()
  } catch (error) {
    context.signal.throwIfAborted()
    if (!(error instanceof StepError) || error instanceof SupersededError) throw error
    const why = isAway(error) ? `${id} is out of reach` : error.message
    context.log([`${why}: nothing is launched there; what runs there is looked at when it is back`])
    return null
  }
}
