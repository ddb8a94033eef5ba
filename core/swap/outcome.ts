import type { JobView } from '../jobs/job'
import type { LaunchOrder } from '../launchers/launcher'
import type { Load } from './loads'
import { keptOrder, type SwapOrder } from './swap-request'

export interface Outcome {
  /** What is to run from now on. */
  sets: Load[]
  /** Services in which nothing is. */
  clears: string[]
}

/**
 * What a swap that has ended leaves in its services; nothing changes where that could not be told.
 * @param back what the way back has loaded again
 */
export function outcome(
  view: JobView,
  swap: SwapOrder | null,
  back: LaunchOrder[],
  bootsOf: (order: LaunchOrder) => Record<string, string>,
  at: number,
): Outcome {
  const began = view.phases.some(({ name, state }) => name === 'stop' && state !== 'pending' && state !== 'skipped')
  if (!swap || !began || view.result === 'unknown' || view.result === null) return { sets: [], clears: [] }
  // What a Spark's restart has ended should still run there, however often loading it again fails.
  if (swap.by === 'resume' && view.state === 'failed') return { sets: [], clears: [] }
  const orders = view.result === 'new' ? [swap.order] : back
  const sets = orders.flatMap((order) => {
    if (!order) return []
    const { service, ...launched } = keptOrder(order)
    const recipe = order.recipe.id
    return [{ service, recipe, job: view.id, by: swap.by, order: launched, boots: bootsOf(order), at }]
  })
  const set = new Set(sets.map(({ service }) => service))
  const clears = [...new Set(swap.stops.map(({ service }) => service.id))].filter((id) => !set.has(id))
  return { sets, clears }
}
