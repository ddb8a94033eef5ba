import type { Attempted } from './deliveries'
import type { Verdict } from './verdict'

interface Made {
  /** When it was made, and the time of now, ms since the epoch. */
  at: number
  now: number
  /** How long it took. */
  ms: number
  status: number | null
  /** How long until the next, ms; null: there is none. */
  wait: number | null
}

/** What is recorded of an attempt. @param tries those made before it */
export function outcomeOf(tries: number, { end, error }: Verdict, { at, now, ms, status, wait }: Made): Attempted {
  const due = now + (wait ?? 0)
  const attempt = {
    at: new Date(at).toISOString(),
    status,
    ms,
    error,
    next_at: wait === null ? null : new Date(due).toISOString(),
  }
  // A target that wants no more is off; should it be switched on again, it gets what it was not told.
  if (end === 'gone') return { state: 'pending', tries: 0, due, attempt }
  const state = end === 'delivered' ? 'delivered' : wait === null ? 'dead' : 'pending'
  return { state, tries: tries + 1, due, attempt }
}
