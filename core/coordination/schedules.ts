import { type Clock, systemClock } from '../clock'
import type { Hub } from '../events/hub'
import type { Note } from '../history/event'
import type { Store } from '../store/store'
import { type AskedPlan, type Plan, plan } from './plan'
import { timetable } from './timetable'

/** A plan as it is kept. */
export interface Schedule extends Plan {
  id: string
  /** RFC 3339. */
  created_at: string
  updated_at: string
}

/** A plan as callers see it; the answer of `GET /api/schedules/:id`. */
export interface ScheduleView extends Schedule {
  /** The next five begins, RFC 3339; empty once it is over. */
  next: string[]
  /** Ids of the others that one of these times collides with. */
  overlaps: string[]
}

/** The most there can be is reached. */
export class TooManySchedulesError extends Error {
  override name = 'TooManySchedulesError'
}

/** Who plans which swap when: read by people and apps, run by nobody here. */
export interface Schedules {
  /** Oldest first. */
  all(): ScheduleView[]
  get(id: string): ScheduleView | null
  /** @param kept is called with its id in the transaction that writes it @throws {PlanError | TooManySchedulesError} */
  add(asked: AskedPlan, kept?: (id: string) => void): ScheduleView
  /** Null: there is none. @throws {PlanError} */
  replace(id: string, asked: AskedPlan): ScheduleView | null
  /** False: there is none. */
  remove(id: string): boolean
}

export interface SchedulesOptions {
  store: Store
  hub: Hub
  /** Records who planned what. */
  note(entry: Note): void
  /** Ids of the catalogue as it is now. */
  recipes(): string[]
  clock?: Clock
  most?: number
}

const keptOverMs = 30 * 24 * 3600 * 1000
const form = /^schedule-(\d{1,15})$/

/** Owns the table `schedules`. */
export function schedules(options: SchedulesOptions): Schedules {
  const { store, hub, note, recipes, clock = systemClock, most = 100 } = options
  const times = timetable(clock.now)

  const all = () => (store.query('SELECT * FROM schedules ORDER BY id').all() as Row[]).map(scheduleOf)

  function viewOf(schedule: Schedule, all: readonly Schedule[]): ScheduleView {
    const { id } = schedule
    const next = times.of(schedule).next.map((at) => new Date(at).toISOString())
    const overlaps = all.filter((other) => other.id !== id && times.collide(schedule, other)).map((other) => other.id)
    return { ...schedule, next, overlaps }
  }

  function get(id: string): ScheduleView | null {
    const every = all()
    const found = every.find((each) => each.id === id)
    return found ? viewOf(found, every) : null
  }

  const checked = (asked: AskedPlan) => plan(asked, { now: clock.now(), recipes: recipes() })

  /** Writes and records in one transaction, then tells it. */
  function write(change: () => Row | null, what: string): ScheduleView | null {
    const row = store.transaction(() => {
      const changed = change()
      if (changed) note({ type: 'action', text: what })
      return changed
    })()
    if (!row) return null
    const schedule = viewOf(scheduleOf(row), all())
    hub.publish('schedules', { id: schedule.id, schedule: get(schedule.id) })
    return schedule
  }

  const erase = (id: string) =>
    store.query('DELETE FROM schedules WHERE id = $id RETURNING *').get({ id: numberOf(id) }) as Row | null

  /** What happened once and is long over is of no use to anybody. */
  function prune() {
    const over = clock.now() - keptOverMs
    for (const { id, at } of all()) if (at !== null && Date.parse(at) < over) erase(id)
  }

  return {
    all() {
      const every = all()
      return every.map((each) => viewOf(each, every))
    },
    get,
    add(asked, kept = () => {}) {
      const made = checked(asked)
      prune()
      if (all().length >= most)
        throw new TooManySchedulesError(`schedules: there are ${most} already; delete one first`)
      const insert = () => {
        const row = store
          .query('INSERT INTO schedules (plan, created_at, updated_at) VALUES ($plan, $at, $at) RETURNING *')
          .get({ plan: JSON.stringify(made), at: Math.round(clock.now()) }) as Row
        kept(`schedule-${row.id}`)
        return row
      }
      return write(insert, `${made.owner} planned: ${made.title}`) as ScheduleView
    },
    replace(id, asked) {
      const made = checked(asked)
      const update = () =>
        store
          .query('UPDATE schedules SET plan = $plan, updated_at = $at WHERE id = $id RETURNING *')
          .get({ plan: JSON.stringify(made), at: Math.round(clock.now()), id: numberOf(id) }) as Row | null
      return write(update, `${made.owner} planned anew: ${made.title}`)
    },
    remove(id) {
      const before = get(id)
      return (
        before !== null && write(() => erase(id), `the plan of ${before.owner} was removed: ${before.title}`) !== null
      )
    },
  }
}

function numberOf(id: string): number {
  return Number(form.exec(id)?.[1] ?? -1)
}

interface Row {
  id: number
  plan: string
  created_at: number
  updated_at: number
}

function scheduleOf({ id, plan, created_at, updated_at }: Row): Schedule {
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    id: `schedule-${id}`,
    ...(JSON.parse(plan) as Plan),
    created_at: time(created_at),
    updated_at: time(updated_at),
  }
}
