import type { Service } from '../config/cluster'
import type { LaunchOrder } from '../launchers/launcher'

/** What a swap was asked for, as the journal keeps it, so that it can go on after a restart of this program. */
export interface SwapRequest {
  recipe: string | null
  service: string
  eta_s: number
  /** The recipe whole, as its commands were accepted: the file of that name may be another by the time it goes on or ends. */
  order?: Omit<LaunchOrder, 'service'>
}

/** Without what only people read of a recipe, which may be long. */
export function swapRequest(order: LaunchOrder | null, service: Service, usual: number): SwapRequest {
  const asked = { recipe: order?.recipe.id ?? null, service: service.id, eta_s: usual }
  if (!order) return asked
  const { service: _, recipe, ...rest } = order
  return { ...asked, order: { ...rest, recipe: { ...recipe, text: '' } } }
}
