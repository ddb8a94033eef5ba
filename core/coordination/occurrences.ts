import { begins } from './begins'
import type { Schedule } from './schedules'

/** One planned swap at one time. */
export interface Occurrence {
  schedule: Schedule
  /** RFC 3339. */
  begins: string
  ends: string
  /** Ids of the other schedules that are planned for a part of the same time. */
  overlaps: string[]
}

// A plan for every minute fills no calendar.
const mostOfOne = 200

/** Everything planned for a part of the time between two moments (ms since the epoch), in the order of begins. */
export function occurrences(schedules: readonly Schedule[], from: number, to: number): Occurrence[] {
  const all = schedules
    .flatMap((schedule) => within(schedule, from, to).map((at) => ({ schedule, at, end: at + lengthMs(schedule) })))
    .sort((a, b) => a.at - b.at)
  return all.map(({ schedule, at, end }) => {
    const others = all.filter((other) => other.schedule.id !== schedule.id && other.at < end && at < other.end)
    return {
      schedule,
      begins: new Date(at).toISOString(),
      ends: new Date(end).toISOString(),
      overlaps: [...new Set(others.map((other) => other.schedule.id))],
    }
  })
}

/** Begins of what is planned for a part of that time. */
function within(schedule: Schedule, from: number, to: number): number[] {
  return begins(schedule, from - lengthMs(schedule), mostOfOne, to)
}

function lengthMs({ duration_s }: Schedule): number {
  return duration_s * 1000
}
