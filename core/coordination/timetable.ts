import { begins, type When } from './begins'

/** What of a schedule decides when it takes place. */
export type Timed = When & { duration_s: number }

/** When a schedule takes place, in ms since the epoch. */
export interface Times {
  /** The next five begins. */
  next: number[]
  /** Begins of the five that are not over, one that runs already included. */
  windows: number[]
  lengthMs: number
}

export interface Timetable {
  of(schedule: Timed): Times
  /** Whether one of the five times of either falls into a time of the other. */
  collide(one: Timed, other: Timed): boolean
}

interface Known extends Times {
  key: string
  /** What was found holds from then until the next begin or end. */
  from: number
  until: number
}

const shown = 5
const mostKnown = 20_000

/** Times of schedules, looked for again only once one of them begins, ends or is changed. */
export function timetable(now: () => number): Timetable {
  const known = new Map<string, Known>()
  const pairs = new Map<string, boolean>()

  function of(schedule: Timed): Known {
    const { cron, at, timezone, duration_s } = schedule
    const name = [cron, at, timezone, duration_s].join(' ')
    const before = known.get(name)
    if (before && before.from <= now() && now() < before.until) return before
    const found = look(schedule, name, now())
    remember(known, name, found)
    return found
  }

  return {
    of,
    collide(one, other) {
      const [a, b] = [of(one), of(other)]
      const key = a.key < b.key ? `${a.key} | ${b.key}` : `${b.key} | ${a.key}`
      const before = pairs.get(key)
      if (before !== undefined) return before
      const found = meets(a, b, other) || meets(b, a, one)
      remember(pairs, key, found)
      return found
    },
  }
}

function look(schedule: Timed, name: string, now: number): Known {
  const lengthMs = schedule.duration_s * 1000
  const next = begins(schedule, now, shown)
  const windows = begins(schedule, now - lengthMs, shown)
  const [first = Number.POSITIVE_INFINITY] = windows
  const until = Math.min(next[0] ?? Number.POSITIVE_INFINITY, first + lengthMs)
  return { key: `${name} ${first}`, next, windows, lengthMs, from: now, until }
}

/** Whether a time of `a` falls into one of `b`, the times of `other`. */
function meets(a: Known, b: Known, other: Timed): boolean {
  return a.windows.some((begin) => {
    const [from, to] = [Math.max(begin, a.from), begin + a.lengthMs]
    if (b.windows.some((at) => at < to && at + b.lengthMs > from)) return true
    // Up to the last of its five times all of them are known.
    const all = b.windows.length < shown || (b.windows.at(-1) ?? 0) >= to
    return !all && begins(other, from - b.lengthMs, 1, to).length > 0
  })
}

function remember<T>(into: Map<string, T>, key: string, value: T) {
  if (into.size >= mostKnown) into.clear()
  into.set(key, value)
}
