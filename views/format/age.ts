import { timeUnits } from './duration'

/** How far a moment is in one unit, `2 s ago` or `in 5 min`; the browser's script says it in the same words. */
export function age(time: string, now: string): string {
  const seconds = Math.trunc((Date.parse(now) - Date.parse(time)) / 1000)
  if (Number.isNaN(seconds)) return 'at an unknown time'
  const size = Math.abs(seconds)
  const unit = timeUnits.find(([, length]) => size >= length)
  if (!unit) return 'just now'
  const text = `${Math.floor(size / unit[1])} ${unit[0]}`
  return seconds > 0 ? `${text} ago` : `in ${text}`
}

/** A moment as people write it, in UTC: `2026-01-31 14:05:09 UTC`; empty where it is none. */
export function moment(time: string): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
