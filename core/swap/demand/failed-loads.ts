import { finalStates, type JobView } from '../../jobs/job'

/** How one swap to a recipe ended. */
export interface LoadEnd {
  recipe: string
  /** A person or an app had asked for it. */
  chosen: boolean
  /** Null: it was loaded. */
  cause: string | null
  /** ms of the rising clock. */
  at: number
}

/** Why a model is not loaded on demand for a while. */
export interface Bar {
  reason: string
  /** ms of the rising clock; infinite: until a person swaps to it. */
  until: number
}

const hourMs = 3_600_000
// A first failure may be a Spark that was busy; a second one is hardly chance.
const pausesMs = [60_000, 300_000]
/** So many in a row within the hour, and it is not tried again by itself: a GB10 may wedge on repeated failures. */
const enough = 3

/** What a swap that has ended tells; null where it tells nothing of loading on demand. */
export function loadEnd({ recipe, by, state, error, ended_at }: JobView, at: number): LoadEnd | null {
  if (recipe === null || ended_at === null || !finalStates.includes(state)) return null
  const cause = state === 'cancelled' ? 'it was cancelled' : (error?.message ?? 'it failed')
  return { recipe, chosen: by !== 'demand' && by !== 'resume', cause: state === 'done' ? null : cause, at }
}

/** Whether a recipe is barred after failed loads. @param ends the newest first */
export function barOf(recipe: string, ends: readonly LoadEnd[], now: number): Bar | null {
  const mine = ends.filter((each) => each.recipe === recipe)
  const past = mine.findIndex(({ chosen, cause }) => chosen || cause === null)
  const streak = past < 0 ? mine : mine.slice(0, past)
  const [newest] = streak
  if (!newest) return null
  const third = streak[enough - 1]
  if (third && newest.at - third.at <= hourMs) {
    const reason = `${recipe} failed to load ${enough} times in a row (${newest.cause}); swap to it by hand`
    return { reason, until: Number.POSITIVE_INFINITY }
  }
  const until = newest.at + (pausesMs[Math.min(streak.length, pausesMs.length) - 1] ?? 0)
  return until > now ? { reason: `${recipe} failed to load: ${newest.cause}`, until } : null
}
