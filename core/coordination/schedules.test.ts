import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { hub } from '../events/hub'
import type { Note } from '../history/event'
import { migrate } from '../store/store'
import { begins } from './begins'
import { settableClock } from './clock.sample'
import { occurrences } from './occurrences'
import { type AskedPlan, PlanError } from './plan'
import { type Schedule, schedules, TooManySchedulesError } from './schedules'
import { timetable } from './timetable'

const hourMs = 3600_000
const nightly: AskedPlan = {
  owner: 'Alice',
  title: 'Nightly run',
  recipe: 'qwen',
  cron: '0 3 * * *',
  timezone: 'Europe/Berlin',
  duration_s: 7200,
}

function registry(most?: number) {
  const store = new Database(':memory:', { strict: true })
  migrate(store)
  const [notes, told, clock, events] = [[] as Note[], [] as unknown[], settableClock(), hub()]
  events.subscribe(({ type, data }) => told.push([type, data]))
  const open = () =>
    schedules({ store, clock, hub: events, note: (entry) => notes.push(entry), recipes: () => ['qwen', 'llama'], most })
  return { plans: open(), open, notes, told, clock }
}

test('add() answers with the next five begins in UTC, and it is there after a restart', () => {
  const { plans, open, clock } = registry()
  const made = plans.add(nightly)
  expect(made).toEqual({
    ...nightly,
    cron: '0 3 * * *',
    timezone: 'Europe/Berlin',
    at: null,
    id: 'schedule-1',
    created_at: new Date(clock.now()).toISOString(),
    updated_at: new Date(clock.now()).toISOString(),
    next: [1, 2, 3, 4, 5].map((day) => `2026-02-0${day}T02:00:00.000Z`),
    overlaps: [],
  })
  expect(open().all()).toEqual([made])
  expect(open().get('schedule-1')).toEqual(made)
})

test('add() writes nothing where what is kept with it is refused', () => {
  const { plans, notes, told } = registry()
  const full = () =>
    plans.add(nightly, (id) => {
      throw new Error(`no room beside ${id}`)
    })
  expect(full).toThrow('no room beside schedule-1')
  expect([plans.all(), told]).toEqual([[], []])
  expect(notes).toEqual([])
})

test('replace() and remove() change one that is there, and tell of it', () => {
  const { plans, clock, notes, told } = registry()
  const { id, created_at } = plans.add(nightly)
  clock.pass(1000)
  const changed = plans.replace(id, { ...nightly, recipe: null, cron: null, at: '2026-02-03T10:00:00Z' })
  expect(changed).toMatchObject({ id, recipe: null, cron: null, at: '2026-02-03T10:00:00.000Z', created_at })
  expect(changed?.next).toEqual(['2026-02-03T10:00:00.000Z'])
  expect(changed?.updated_at).not.toBe(created_at)
  expect([plans.remove(id), plans.remove(id), plans.replace(id, nightly), plans.get(id)]).toEqual([
    true,
    false,
    null,
    null,
  ])
  expect(notes.map(({ type, text }) => `${type} ${text}`)).toEqual([
    'action Alice planned: Nightly run',
    'action Alice planned anew: Nightly run',
    'action the plan of Alice was removed: Nightly run',
  ])
  expect(told).toEqual([
    ['schedules', { id, schedule: expect.objectContaining({ cron: '0 3 * * *' }) }],
    ['schedules', { id, schedule: changed }],
    ['schedules', { id, schedule: null }],
  ])
})

test.each([
  ['/cron', { cron: undefined }],
  ['/at', { at: '2027-01-01T00:00:00Z' }],
  ['/cron', { cron: '0 3 * *' }],
  ['/cron', { cron: '0 3 31 2 *' }],
  ['/timezone', { timezone: 'Mars/Phobos' }],
  ['/timezone', { timezone: undefined }],
  ['/timezone', { cron: null, at: '2027-01-01T00:00:00', timezone: undefined }],
  ['/at', { cron: null, at: '2026-01-31T11:59:59Z' }],
  ['/at', { cron: null, at: '2027-02-30T00:00:00Z' }],
  ['/at', { cron: null, at: 'tomorrow' }],
  ['/recipe', { recipe: 'no-such' }],
])('add() refuses at %s: %j', (param, changes) => {
  const { plans, told } = registry()
  const asked = { ...nightly, ...changes }
  expect(() => plans.add(asked)).toThrow(PlanError)
  expect(() => plans.add(asked)).toThrow(expect.objectContaining({ param }))
  expect([plans.all(), told]).toEqual([[], []])
})

test('a time without an offset is one of its timezone, and one with an offset is told in UTC', () => {
  const { plans } = registry()
  const once = { ...nightly, cron: null }
  expect(plans.add({ ...once, at: '2026-07-01T09:00' }).at).toBe('2026-07-01T07:00:00.000Z')
  expect(plans.add({ ...once, at: '2026-07-01T09:00:00+05:30' }).at).toBe('2026-07-01T03:30:00.000Z')
  const utc = { at: '2026-07-01T09:00:00.000Z', timezone: 'UTC' }
  expect(plans.add({ ...once, at: '2026-07-01T09:00Z', timezone: undefined })).toMatchObject(utc)
})

test('each answer names the others that it collides with, whichever came first', () => {
  const { plans } = registry()
  const sunday = plans.add({ ...nightly, title: 'Weekly', cron: '30 4 * * 0' })
  const daily = plans.add(nightly)
  const noon = plans.add({ ...nightly, cron: '0 12 * * *' })
  expect([sunday.overlaps, daily.overlaps, noon.overlaps]).toEqual([[], [sunday.id], []])
  expect(plans.get(sunday.id)?.overlaps).toEqual([daily.id])
  plans.replace(daily.id, { ...nightly, duration_s: 5400 })
  expect(plans.get(sunday.id)?.overlaps).toEqual([])
})

test('what happened once stays for a month, and no longer', () => {
  const { plans, clock } = registry()
  const { id } = plans.add({ ...nightly, cron: null, at: '2026-02-01T00:00:00Z' })
  clock.pass(30 * 24 * hourMs)
  plans.add(nightly)
  expect(plans.get(id)?.next).toEqual([])
  clock.pass(24 * hourMs)
  plans.add(nightly)
  expect(plans.get(id)).toBeNull()
})

test('add() refuses more than there may be', () => {
  const { plans } = registry(2)
  plans.add(nightly)
  plans.add(nightly)
  expect(() => plans.add(nightly)).toThrow(TooManySchedulesError)
})

const origin = Date.UTC(2026, 0, 31, 12)
const some = fc.array(fc.record({ hour: fc.integer({ min: -30, max: 30 }), hours: fc.integer({ min: 1, max: 20 }) }), {
  maxLength: 8,
})

test('occurrences() holds each plan of the time asked for, in order, with those at the same time', () => {
  fc.assert(
    fc.property(some, (plans) => {
      const all = plans.map(({ hour, hours }, n) => once(`schedule-${n}`, origin + hour * hourMs, hours * 3600))
      const [from, to] = [origin, origin + 12 * hourMs]
      const found = occurrences(all, from, to)
      const inside = all.filter((each) => start(each) < to && end(each) > from)
      expect(found.map(({ schedule }) => schedule.id).toSorted()).toEqual(inside.map(({ id }) => id).toSorted())
      expect(found.map(({ begins }) => begins)).toEqual(found.map(({ begins }) => begins).toSorted())
      for (const { schedule, overlaps } of found) {
        const others = inside.filter(
          (other) => other !== schedule && start(other) < end(schedule) && end(other) > start(schedule),
        )
        expect(overlaps.toSorted()).toEqual(others.map(({ id }) => id).toSorted())
      }
    }),
  )
})

test('collide() is the same from both sides, and of single times as simple as it sounds', () => {
  fc.assert(
    fc.property(some, (plans) => {
      const [one, other] = plans.map(({ hour, hours }, n) => once(`${n}`, origin + hour * hourMs, hours * 3600))
      if (!one || !other) return
      const over = end(one) <= origin || end(other) <= origin
      const meet = start(one) < end(other) && start(other) < end(one)
      const { collide } = timetable(() => origin)
      expect([collide(one, other), timetable(() => origin).collide(other, one)]).toEqual(Array(2).fill(meet && !over))
    }),
  )
})

const crons = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('* * *', '* * 0', '1 * *', '*/3 * *', '29 2 *'))
  .map(([hour, days]) => `0 ${hour} ${days}`)

test('collide() of repeated plans finds what looking at each of their times finds', () => {
  const plan = fc.record({ cron: crons, hours: fc.integer({ min: 1, max: 80 }) })
  const met = ([a, b]: [Schedule, Schedule]) =>
    begins(a, origin - a.duration_s * 1000, 5).some((begin) => {
      const [from, to] = [Math.max(begin, origin), begin + a.duration_s * 1000]
      return begins(b, from - b.duration_s * 1000, 1, to).length > 0
    })
  fc.assert(
    fc.property(plan, plan, (...plans) => {
      const [a, b] = plans.map(({ cron, hours }) => ({ ...once('x', 0, hours * 3600), at: null, cron }))
      if (!a || !b) return
      expect(timetable(() => origin).collide(a, b)).toBe(met([a, b]) || met([b, a]))
    }),
  )
})

test('occurrences() of one repeated plan begin with the one that runs already', () => {
  const daily: Schedule = { ...once('schedule-1', 0, 7200), at: null, cron: '0 11 * * *' }
  expect(occurrences([daily], origin, origin + 24 * hourMs).map(({ begins }) => begins)).toEqual([
    '2026-01-31T11:00:00.000Z',
    '2026-02-01T11:00:00.000Z',
  ])
})

function once(id: string, at: number, duration_s: number): Schedule {
  const [time, created_at] = [new Date(at).toISOString(), '2026-01-01T00:00:00Z']
  const plan = { owner: 'Bob', title: 'Once', recipe: null, cron: null, at: time, timezone: 'UTC', duration_s }
  return { ...plan, id, created_at, updated_at: created_at }
}

const start = ({ at }: Schedule) => Date.parse(at ?? '')
const end = (schedule: Schedule) => start(schedule) + schedule.duration_s * 1000
