import type { Clock } from '../../clock'
import type { JobView } from '../../jobs/job'
import { type Bar, barOf, type LoadEnd, loadEnd } from './failed-loads'

/** What is remembered of tries to load a model. */
export interface Attempts {
  /** A swap has ended. */
  heard(view: JobView): void
  /** A plan, or its beginning, was impossible. */
  forbid(recipe: string, service: string, reason: string): void
  /** Why a recipe is not tried now; null: it may be. */
  bar(recipe: string): Bar | null
  /** Reasons by the service where a plan was impossible a moment ago. */
  impossible(recipe: string): Map<string, string>
}

/** What made a plan impossible may have changed by then. */
export const impossibleMs = 15_000
const mostEnds = 200

/** @param past earlier swaps, the newest first */
export function attempts(clock: Clock, past: readonly JobView[]): Attempts {
  const ends = past.flatMap((view) => endOf(view) ?? []).slice(0, mostEnds)
  let plans: { recipe: string; service: string; reason: string; until: number }[] = []

  // On the rising clock: a wall clock that is set must not bar anything for hours.
  function endOf(view: JobView): LoadEnd | null {
    return loadEnd(view, clock.rising() - Math.max(0, clock.now() - Date.parse(view.ended_at ?? '')))
  }

  return {
    heard(view) {
      const end = endOf(view)
      if (!end) return
      ends.unshift(end)
      ends.length = Math.min(ends.length, mostEnds)
      if (end.chosen) plans = plans.filter(({ recipe }) => recipe !== end.recipe)
    },
    forbid(recipe, service, reason) {
      plans.push({ recipe, service, reason, until: clock.rising() + impossibleMs })
    },
    bar: (recipe) => barOf(recipe, ends, clock.rising()),
    impossible(recipe) {
      plans = plans.filter(({ until }) => until > clock.rising())
      return new Map(plans.flatMap((each) => (each.recipe === recipe ? [[each.service, each.reason]] : [])))
    },
  }
}
