import type { Recipe } from '../../models/recipe'
import { mayEnd, type SlotNow } from './may-end'

/** A model that is not loaded, and those who wait for it. */
export interface Asked {
  recipe: Recipe
  /** Requests that wait now; one that left does not count. */
  waiting: number
  /** Since when the first of them waits, ms of the rising clock. */
  since: number
  /** One of them shows the token of who holds the lock. */
  admitted: boolean
  /** Why it is not tried now, as after a failed load; null: it may be. */
  barred: string | null
  /** How its load has ended while what ran before is still coming back; null: it is not on its way back. */
  goingBack?: 'cancelled' | 'failed' | null
  /** Services where a plan found it impossible, each with the reason. */
  impossible: ReadonlyMap<string, string>
}

export interface DemandState {
  /** ms of the rising clock. */
  now: number
  asked: readonly Asked[]
  slots: readonly SlotNow[]
  /** A swap runs. */
  swapping: boolean
  /** Who holds the lock; null: nobody. */
  locked: string | null
}

/** What becomes of those who wait for a model. */
export type Verdict =
  /** It may be loaded now, into the first of these services where the plan is possible. */
  | { kind: 'start'; services: string[] }
  /** Not before `from` (ms of the rising clock) where that is known, or before the end of what it awaits. */
  | { kind: 'wait'; reason: string; from: number | null; awaits?: 'swap' | 'lock' }
  | { kind: 'refuse'; reason: string }

export interface NextDemand {
  /** What is loaded next; null: nothing now. */
  start: { recipe: Recipe; services: string[] } | null
  /** By recipe id, in the order of the queue. */
  verdicts: Map<string, Verdict>
}

/**
 * Decides what is loaded next of what is asked for: the highest priority first, among equals whoever waits longest.
 * Each queued model gets a verdict; at most one starts.
 */
export function nextDemand(state: DemandState): NextDemand {
  const queue = state.asked
    .filter(({ waiting }) => waiting > 0)
    .toSorted((a, b) => b.recipe.demand.priority - a.recipe.demand.priority || a.since - b.since)
  const verdicts = new Map(queue.map((each) => [each.recipe.id, verdictOf(each, state)]))
  for (const { recipe } of queue) {
    const verdict = verdicts.get(recipe.id)
    if (verdict?.kind === 'start') return { start: { recipe, services: verdict.services }, verdicts }
  }
  return { start: null, verdicts }
}

function verdictOf({ recipe, admitted, barred, goingBack, impossible }: Asked, state: DemandState): Verdict {
  const { now, slots, swapping, locked } = state
  if (goingBack) {
    const ended = goingBack === 'failed' ? 'its load has failed' : 'its load was cancelled'
    return { kind: 'wait', reason: `${ended}; what ran before is coming back`, from: null, awaits: 'swap' }
  }
  if (barred !== null) return { kind: 'refuse', reason: barred }
  const places = slots
    .filter(({ service }) => !impossible.has(service))
    .map((slot) => ({ slot, ...mayEnd(recipe, slot) }))
  const open = places.filter(({ from }) => from < Number.POSITIVE_INFINITY)
  if (open.length === 0)
    return { kind: 'refuse', reason: places[0]?.reason ?? [...impossible.values()][0] ?? 'no service takes models' }
  if (swapping) return { kind: 'wait', reason: 'another swap is running', from: null, awaits: 'swap' }
  if (locked !== null && !admitted)
    return { kind: 'wait', reason: `swaps are locked by ${locked}`, from: null, awaits: 'lock' }
  const seen = open.filter(({ slot }) => slot.seen)
  if (seen.length === 0) return { kind: 'wait', reason: 'it is not known what runs there now', from: null }
  const ready = seen.filter(({ from }) => from <= now).toSorted((a, b) => order(a.slot, recipe) - order(b.slot, recipe))
  if (ready.length > 0) return { kind: 'start', services: ready.map(({ slot }) => slot.service) }
  const soonest = seen.toSorted((a, b) => a.from - b.from)[0]
  return { kind: 'wait', reason: soonest?.reason ?? '', from: soonest?.from ?? null }
}

/** One with nothing else in it first, then the one that was used longest ago. */
function order({ repo, recipe, usedAt }: SlotNow, asked: Recipe): number {
  return repo === null || recipe?.id === asked.id ? Number.MIN_SAFE_INTEGER : usedAt
}
