import type { Service } from '../config/cluster'
import { type Fit, fit } from '../models/memory/fit'
import type { HostLedger } from '../models/memory/ledger'
import type { Recipe } from '../models/recipe'
import { roomPlan } from './make-room'
import type { PlanState } from './plan'
import type { Other } from './room'
import { settled } from './settled'
import type { Slot } from './steps/step'

/** How a launch fits, and at whose cost. */
export interface Fitting {
  fits: Fit | null
  /** What ends for it. */
  ends: Other[]
  /** What would have to, and may not. */
  wouldEnd: Other[]
}

/** Of what is not launched. */
export const unfitted: Fitting = { fits: null, ends: [], wouldEnd: [] }

/** Reckons whether a launch fits, where need be once models of other services have ended. */
export function fitting(recipe: Recipe, service: Service, state: PlanState): Fitting {
  const { room } = state
  const fits = fitOf(recipe, service, state, state.ledgers)
  if (!room || fits.fits !== false) return { ...unfitted, fits }
  const without = (ended: Slot[]) => fitOf(recipe, service, state, room.ledgers(ended))
  const othersOf = (slots: Slot[] | null) => room.others.filter(({ slot }) => slots?.includes(slot))
  const ended = roomPlan(without, room.others)
  if (ended) return { fits: without(ended), ends: othersOf(ended), wouldEnd: [] }
  const would = roomPlan(
    without,
    room.others.map((each) => ({ ...each, allowed: true })),
  )
  return { fits, ends: [], wouldEnd: othersOf(would) }
}

function fitOf(
  recipe: Recipe,
  service: Service,
  { found, drafter, launches, settling = [] }: PlanState,
  given: HostLedger[],
): Fit {
  const ledgers = given.map((each) => (settling.includes(each.host) ? settled(each) : each))
  return fit({ recipe, service, found, ...(drafter ? { drafter } : {}), ledgers, launches })
}
