import { Cron } from 'croner'

/** What decides when a plan begins. */
export interface When {
  cron: string | null
  at: string | null
  timezone: string
}

// croner would also take `?` for now, and names as @daily.
const cronForm = /^[\dA-Za-z*,/#-]+( [\dA-Za-z*,/#-]+){4}$/

// As people expect of Vixie cron: what falls into the hour that a clock skips comes after it, and what a clock repeats comes once.
const rules = { mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true } as const

// Reading a pattern takes longer than looking for its next time.
const patterns = new Map<string, Cron>()
const mostPatterns = 500

/** The next begins after a moment, at most `count` and all before `until`; in ms since the epoch. */
export function begins(
  { cron, at, timezone }: When,
  after: number,
  count: number,
  until = Number.POSITIVE_INFINITY,
): number[] {
  if (at !== null) return [Date.parse(at)].filter((time) => time > after && time < until)
  if (cron === null) return []
  const times: number[] = []
  const pattern = patternOf(cron, timezone)
  for (let last = new Date(after); times.length < count; ) {
    const next = pattern.nextRun(last)
    if (next === null || Number(next) >= until) break
    times.push(Number(next))
    last = next
  }
  return times
}

function patternOf(cron: string, timezone: string): Cron {
  const key = `${timezone} ${cron}`
  const known = patterns.get(key) ?? new Cron(cron, { ...rules, timezone })
  if (patterns.size >= mostPatterns) patterns.clear()
  patterns.set(key, known)
  return known
}

/** Why this is no cron of five fields, as a sentence goes on; null where it is one. */
export function cronProblem(cron: string, timezone: string): string | null {
  if (!cronForm.test(cron)) return 'is not five fields'
  try {
    new Cron(cron, { ...rules, timezone })
    return null
  } catch {
    return 'has a field that is out of range or not known'
  }
}

/** Whether this is the name of a timezone. */
export function isTimezone(name: string): boolean {
  // An offset would be taken too, but knows no summer time.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** A time without an offset, as clocks of that timezone show it, in ms since the epoch; NaN where it is none. */
export function localTime(text: string, timezone: string): number {
  try {
    const seconds = /T\d\d:\d\d$/.test(text) ? `${text}:00` : text.replace(/\..*$/, '')
    return Number(new Cron(seconds, { timezone, paused: true, allowPast: true }).nextRun(new Date(0)) ?? Number.NaN)
  } catch {
    return Number.NaN
  }
}
