import { timeUnits } from './duration'

/** How far a moment is in one unit, `2 s ago` or `in 5 min`; the browser's script says it in the same words. */
export function age(time: string, now: string): string {
  const seconds = secondsBetween(time, now)
  if (Number.isNaN(seconds)) return 'at an unknown time'
  if (seconds === 0) return 'just now'
  return seconds > 0 ? `${inOneUnit(seconds)} ago` : `in ${inOneUnit(-seconds)}`
}

/** How long something has lasted in one unit: `3 h`. */
export function lasting(time: string, now: string): string {
  const seconds = secondsBetween(time, now)
  return Number.isNaN(seconds) ? 'an unknown time' : inOneUnit(Math.max(0, seconds))
}

/** A moment as people write it, in UTC: `2026-01-31 14:05:09 UTC`; empty where it is none. */
export function moment(time: string): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** The time of day in UTC, `14:05 UTC`; empty where it is none. */
export function clock(time: string): string {
  const text = moment(time)
  return text === '' ? '' : `${text.slice(11, 16)} UTC`
}

/** The day in UTC, `Sat 31 Jan`; empty where it is none. */
export function day(time: string): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? '' : days.format(date)
}

const days = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })

function secondsBetween(time: string, now: string): number {
  return Math.trunc((Date.parse(now) - Date.parse(time)) / 1000)
}

function inOneUnit(seconds: number): string {
  const [name, size] = timeUnits.find(([, length]) => seconds >= length) ?? ['s', 1]
  return `${Math.floor(seconds / size)} ${name}`
}
