import type { Outcome } from './probe'

/** What several looks at a service together tell; times in ms on one rising clock. */
export interface Vitals {
  /** Since when it answers nothing at all; null while it does. */
  silentSince: number | null
  /** Last seen to get on with its work: counters that rose, or bytes that passed through this controller. */
  movedAt: number
  /** The counters at that time; null where it tells none. */
  moved: number | null
  /** Requests that it said it works on. */
  running: number
  /** Looks in a row that brought a wrong answer or none. */
  misses: number
}

/** A stalled engine is told from a busy one after so long without any movement. */
export const stillForMs = 60_000

export function newVitals(now: number): Vitals {
  return { silentSince: null, movedAt: now, moved: null, running: 0, misses: 0 }
}

/** Takes in one more look. @param trafficAt when bytes of it last passed through this controller */
export function vitalsAfter(before: Vitals, outcome: Outcome, now: number, trafficAt = 0): Vitals {
  const movedAt = Math.max(before.movedAt, Math.min(trafficAt, now))
  if (outcome.kind !== 'answered') {
    // A refusal is hard evidence and begins anew; what comes afterwards is another process.
    if (outcome.kind === 'refused') return { ...newVitals(now), misses: before.misses + 1 }
    return { ...before, movedAt, silentSince: before.silentSince ?? now, misses: before.misses + 1 }
  }
  const { state, activity } = outcome.finding
  const misses = state === 'down' ? before.misses + 1 : 0
  if (!activity) return { silentSince: null, movedAt: now, moved: null, running: 0, misses }
  // A counter that fell is another process; requests that come or go are work as well.
  const works = activity.moved !== before.moved || activity.running !== before.running || activity.running === 0
  return {
    silentSince: null,
    movedAt: works ? now : movedAt,
    moved: activity.moved,
    running: activity.running,
    misses,
  }
}
