const s = 1000
const minute = 60 * s
const hour = 60 * minute

/** Wait before each attempt, ms; together 32 hours and a half, so that a target may be away for a day. */
export const waits: readonly number[] = [
  0,
  2 * s,
  10 * s,
  minute,
  5 * minute,
  30 * minute,
  2 * hour,
  6 * hour,
  24 * hour,
]

const jitter = 0.2
const mostAskedMs = hour

/**
 * How long after a failed attempt the next is made, ms; null: it was the last.
 * @param tries attempts made so far
 * @param askedMs what the target asked for by Retry-After; at most an hour of it is kept to
 * @param random 0 to 1
 */
export function waitAfter(tries: number, askedMs: number | null, random: number): number | null {
  const wait = waits[tries]
  if (wait === undefined) return null
  return Math.max(wait * (1 + jitter * random), Math.min(askedMs ?? 0, mostAskedMs))
}

/** Milliseconds that a `Retry-After` asks for, as seconds or a date; null where it is neither. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * s
  // An HTTP date names its day; Date.parse would take many other texts.
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
