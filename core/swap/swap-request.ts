import type { Service } from '../config/cluster'
import type { SwapCause } from '../jobs/job'
import type { LaunchOrder } from '../launchers/launcher'
import type { Recipe } from '../models/recipe'
import type { Slot } from './steps/step'

/** An order as it is kept: with the service by its id, and without what only people read of a recipe. */
export type KeptOrder = Omit<LaunchOrder, 'service'> & { service: string }

/** What a swap was asked for, as the journal keeps it, so that it can go on after a restart of this program. */
export interface SwapRequest {
  recipe: string | null
  service: string
  by: SwapCause
  eta_s: number
  /** The recipe whole, as its commands were accepted: the file of that name may be another by the time it goes on or ends. */
  order: KeptOrder | null
  /** What ends: the service's own model first, then those that make room. */
  stops: { service: string; recipe: Recipe | null }[]
  /** What is launched again if it fails after the stop, in this order. */
  back: KeptOrder[]
  /** Services in which a model was seen when it was accepted. */
  ran: string[]
}

/** What the arbiter is asked to do; a plan makes it. */
export interface SwapOrder {
  service: Service
  /** What is launched; null: it unloads. */
  order: LaunchOrder | null
  stops: Slot[]
  back: LaunchOrder[]
  /** Services in which a model was seen when it was accepted: the arbiter looks itself. */
  ran?: string[]
  /** Seconds that it usually takes. */
  usual: number
  by: SwapCause
}

/** What is kept of a request. */
export function keptRequest({ service, order, stops, back, ran = [], usual, by }: SwapOrder): SwapRequest {
  return {
    recipe: order?.recipe.id ?? null,
    service: service.id,
    by,
    eta_s: usual,
    order: order && keptOrder(order),
    stops: stops.map((slot) => ({ service: slot.service.id, recipe: slot.recipe && withoutText(slot.recipe) })),
    back: back.map(keptOrder),
    ran,
  }
}

/** What was kept, with the services as they are declared now; null where one of them is gone. */
export function takenUp(request: SwapRequest, services: readonly Service[]): SwapOrder | null {
  const serviceOf = (id: string) => services.find((each) => each.id === id)
  const orderOf = (kept: KeptOrder): LaunchOrder[] => {
    const service = serviceOf(kept.service)
    return service ? [{ ...kept, service }] : []
  }
  const service = serviceOf(request.service)
  const [order = null] = request.order ? orderOf(request.order) : []
  const gone = !service || (request.order && !order)
  if (gone) return null
  const stops = request.stops.flatMap(({ service: id, recipe }) => {
    const found = serviceOf(id)
    return found ? [{ service: found, recipe }] : []
  })
  const { by, ran, eta_s: usual } = request
  return { service, order, stops, back: request.back.flatMap(orderOf), ran, usual, by }
}

/** An order without what only people read, which may be long. */
export function keptOrder({ service, recipe, ...rest }: LaunchOrder): KeptOrder {
  return { ...rest, service: service.id, recipe: withoutText(recipe) }
}

function withoutText(recipe: Recipe): Recipe {
  return { ...recipe, text: '' }
}
