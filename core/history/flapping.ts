/** Notices subjects that change between well and not well again and again. */
export interface Flapping {
  /** Takes a change in; tells whether flapping begins with it. */
  changed(subject: string, from: string, to: string, at: number): boolean
  /** More than 4 such changes within 10 minutes: how many, and since when; else null. */
  of(subject: string, now: number): { changes: number; since: number } | null
}

const windowMs = 10 * 60_000
const most = 4
const calm = 1
const trouble = ['unreachable', 'unresponsive', 'refused', 'down', 'stalled']

/** Counts changes into trouble and out of it; a model that is swapped or an engine that is busy flaps not. */
export function flapping(): Flapping {
  const subjects = new Map<string, { times: number[]; since: number | null }>()

  function within(times: number[], now: number) {
    // A clock set back leaves times in the future: they no longer count.
    return times.filter((time) => time > now - windowMs && time <= now + windowMs)
  }

  return {
    changed(subject, from, to, at) {
      if (trouble.includes(from) === trouble.includes(to)) return false
      const record = subjects.get(subject) ?? { times: [], since: null }
      subjects.set(subject, record)
      const before = within(record.times, at)
      if (before.length <= calm) record.since = null
      record.times = [...before, at].slice(-1000)
      if (record.since !== null || record.times.length <= most) return false
      record.since = record.times[0] ?? at
      return true
    },
    of(subject, now) {
      const record = subjects.get(subject)
      if (!record) return null
      const changes = within(record.times, now).length
      return changes > most ? { changes, since: record.since ?? record.times[0] ?? now } : null
    },
  }
}
