import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { openStore, type Store } from '../store/store'
import { caps } from './caps'
import type { StateChange } from './event'
import { type History, type HistoryOptions, history } from './history'

const begin = Date.parse('2026-01-31T14:00:00Z')
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0).reverse()) end()
})

function opened(options: HistoryOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'spark-history-'))
  const store = openStore(directory)
  const clock = { now: begin }
  const started: History[] = []
  const start = () => {
    const past = history(store, { now: () => clock.now, everyMs: day, ...options })
    started.push(past)
    return past
  }
  ends.push(() => {
    for (const past of started) past.close()
    store.close()
    rmSync(directory, { recursive: true })
  })
  return { store, clock, start, past: start() }
}

const change = (to: string, at: number, more: Partial<StateChange> = {}): StateChange => ({
  subject: 'host:spark-1',
  host: 'spark-1',
  service: null,
  from: 'unknown',
  to,
  at,
  cause: to === 'up' ? null : 'the connection was lost',
  remedy: null,
  ...more,
})
const all = (past: History) => past.events({ limit: 100 }).events

test('state() makes one entry of one outage, with its begin and its end', () => {
  const { past } = opened()
  past.state(change('up', begin))
  past.state(change('unreachable', begin + 10_250, { from: 'up' }))
  past.state(change('up', begin + 24_500, { from: 'unreachable' }))
  expect(all(past).map(({ state, at, ended_at, duration_s }) => [state, at, ended_at, duration_s])).toEqual([
    ['up', '2026-01-31T14:00:24.500Z', null, null],
    ['unreachable', '2026-01-31T14:00:10.250Z', '2026-01-31T14:00:24.500Z', 14.25],
    ['up', '2026-01-31T14:00:00.000Z', '2026-01-31T14:00:10.250Z', 10.25],
  ])
  expect(all(past)[1]).toMatchObject({ type: 'connectivity', host: 'spark-1', from: 'up', subject: 'host:spark-1' })
})

test('state() records no change to what it was, also when a reload begins from unknown again', () => {
  const { past } = opened()
  past.state(change('up', begin))
  past.state(change('up', begin + 1000, { from: 'up' }))
  past.state(change('up', begin + 2000))
  expect(all(past)).toHaveLength(1)
})

test('a restart ends what lasted when it was last watched, and tells the time between as unknown', () => {
  const { past, clock, start } = opened()
  past.state(change('up', begin))
  clock.now = begin + 10 * minute
  past.flush()
  clock.now = begin + hour
  const later = start()
  later.state(change('up', begin + hour + 1000))
  clock.now = begin + hour + minute
  expect(
    later.states('host:spark-1', begin - minute, clock.now).map(({ state, from, to }) => [state, from, to]),
  ).toEqual([
    ['unknown', begin - minute, begin],
    ['up', begin, begin + 10 * minute],
    ['unknown', begin + 10 * minute, begin + hour + 1000],
    ['up', begin + hour + 1000, clock.now],
  ])
})

test('time asleep is no state: what lasted ends when it was last watched and begins anew, whatever is told first', () => {
  const { past, clock } = opened({ everyMs: minute })
  const told = () =>
    past.states('host:spark-1', begin, clock.now).map(({ state, from, to }) => [state, from - begin, to - begin])
  past.state(change('up', begin))
  clock.now = begin + 2 * minute
  past.sample('host:spark-1', { load_1m: 1 })
  clock.now = begin + 8 * hour
  past.flush()
  clock.now += minute
  expect(told()).toEqual([
    ['up', 0, 2 * minute],
    ['unknown', 2 * minute, 8 * hour],
    ['up', 8 * hour, 8 * hour + minute],
  ])
  clock.now = begin + 16 * hour
  // The link is told to have ended before the machine slept.
  past.state(change('unreachable', begin + 9 * hour, { from: 'up' }))
  clock.now += minute
  expect(told().slice(2)).toEqual([
    ['unknown', 8 * hour, 16 * hour],
    ['unreachable', 16 * hour, 16 * hour + minute],
  ])
  expect(all(past)[0]).toMatchObject({ state: 'unreachable', ended_at: null })
})

test('a subject that changes in a storm is written once a second at most, as it was in the end', () => {
  const { past, clock } = opened()
  for (let n = 0; n < 5000; n++)
    past.state(change(n % 2 ? 'up' : 'unreachable', begin + n * 2, { from: n % 2 ? 'unreachable' : 'up' }))
  past.state(change('refused', begin + 10_000, { from: 'up' }))
  clock.now = begin + 11_000
  const states = past.states('host:spark-1', begin, clock.now)
  expect(states.length).toBeLessThan(80)
  expect(states.at(-1)).toMatchObject({ state: 'refused', from: begin + 10_000 })
  past.flush()
  expect(past.states('host:spark-1', begin, clock.now)).toEqual(states)
  expect(past.flapping('host:spark-1')?.changes).toBe(1000)
})

test('a controller that was killed before its first flush had watched until its last entry', () => {
  const { past, start } = opened()
  past.state(change('up', begin + 1000))
  past.note({ type: 'action', text: 'x', at: begin + 9000 })
  const later = start()
  expect(all(later).map(({ ended_at }) => ended_at)).toEqual([null, '2026-01-31T14:00:09.000Z'])
})

test('events() pages through every entry once, newest first, with ids that rise', () => {
  const { past } = opened()
  // Some of them in the same millisecond.
  for (let n = 0; n < 25; n++)
    past.note({ type: 'action', host: 'spark-1', text: `${n}`, at: begin + Math.floor(n / 4) })
  const texts: (string | null)[] = []
  let cursor: string | undefined
  do {
    const { events, next } = past.events({ limit: 7, cursor })
    texts.push(...events.map(({ text }) => text))
    cursor = next ?? undefined
  } while (cursor)
  expect(texts).toEqual(Array.from({ length: 25 }, (_, n) => `${24 - n}`))
  const ids = all(past).map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted((a, b) => b - a))
})

test('events() finds by host, by service and by time', () => {
  const { past } = opened()
  past.note({ type: 'action', host: 'spark-1', service: 'llm', text: 'a', at: begin })
  past.note({ type: 'action', host: 'spark-1', text: 'b', at: begin + 1000 })
  past.note({ type: 'job', job: 'swap-1', text: 'c', at: begin + 2000 })
  const texts = (query: object) => past.events({ limit: 9, ...query }).events.map(({ text }) => text)
  expect(texts({ host: 'spark-1' })).toEqual(['b', 'a'])
  expect(texts({ service: 'llm' })).toEqual(['a'])
  expect(texts({ service: 'llm', host: 'spark-2' })).toEqual([])
  expect(texts({ since: begin + 1000, until: begin + 1999 })).toEqual(['b'])
})

test('a subject that begins to flap is noted once, and every change is recorded', () => {
  const { past, clock } = opened()
  for (let n = 0; n < 6; n++) {
    past.state(change('unreachable', begin + n * 2000, { from: 'up' }))
    past.state(change('up', begin + n * 2000 + 1000, { from: 'unreachable' }))
  }
  clock.now = begin + minute
  const notices = all(past).filter(({ type }) => type === 'notice')
  expect(notices.map(({ text }) => text)).toEqual(['spark-1 changed its state 5 times in 10 minutes'])
  expect(all(past)).toHaveLength(13)
  expect(past.flapping('host:spark-1')).toEqual({ changes: 12, since: '2026-01-31T14:00:00.000Z' })
  clock.now = begin + hour
  expect(past.flapping('host:spark-1')).toBeNull()
})

test('what the disk does not take waits, is told once, and is written in order when it takes it again', () => {
  const errors: unknown[] = []
  const { past, store, clock } = opened({ onError: (error) => errors.push(error) })
  past.state(change('up', begin))
  // SQLite itself refuses, as on a full disk: the file may not grow by one page more.
  const full = fillUp(store)
  for (let n = 1; n <= 30; n++) {
    past.state(change(n % 2 ? 'unreachable' : 'up', begin + n * 1000, { cause: 'x'.repeat(1000) }))
    past.sample('host:spark-1', { load_1m: n }, begin + n * 1000)
  }
  past.flush()
  clock.now = begin + 31_000
  expect(errors).toHaveLength(1)
  expect(past.states('host:spark-1', begin, clock.now)).toHaveLength(31)
  full.free()
  past.flush()
  expect(all(past).filter(({ type }) => type === 'connectivity')).toHaveLength(31)
  expect(past.states('host:spark-1', begin, clock.now)).toHaveLength(31)
  const { points } = past.series({
    subject: 'host:spark-1',
    metric: 'load_1m',
    from: begin,
    to: begin + minute,
    step: 60,
  })
  expect(points).toEqual([{ at: '2026-01-31T14:00:00.000Z', avg: 15.5, min: 1, max: 30 }])
})

test('what had to be dropped while the disk took nothing is counted, and told once it does again', () => {
  const { past, store } = opened()
  const full = fillUp(store)
  for (let n = 0; past.dropped() < 3; n++) past.note({ type: 'notice', text: `${n} ${'x'.repeat(500)}`, at: begin })
  full.free()
  past.flush()
  expect(past.dropped()).toBe(0)
  const told = past.events({ limit: 500 }).events.find(({ text }) => text?.includes('are lost'))
  expect(told?.text).toBe(
    '3 entries and minutes of the history are lost: the disk of this controller took nothing for too long',
  )
})

function fillUp(store: Store) {
  const { page_count: pages } = store.query('PRAGMA page_count').get() as { page_count: number }
  store.run(`PRAGMA max_page_count = ${pages}`)
  return { free: () => store.run('PRAGMA max_page_count = 1073741823') }
}

test('series() tells all that was put in, over restarts, jumps of the clock and gaps, at any step', () => {
  const second = fc.integer({ min: 0, max: 3 * 3600 })
  const seen = fc.record({
    second,
    value: fc.integer({ min: -1000, max: 1000 }),
    then: fc.constantFrom('', 'save', 'restart'),
  })
  fc.assert(
    fc.property(
      fc.array(seen, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(60, 300, 3600, 7200, 86_400),
      (figures, step) => {
        const { clock, start, past, store } = opened()
        let now = past
        for (const { second, value, then } of figures) {
          clock.now = begin + second * 1000
          now.sample('host:spark-1', { load_1m: value, gpu_power_w: null })
          if (then !== '') now.flush()
          if (then === 'restart') now = start()
        }
        clock.now = begin + 3 * hour
        const query = { subject: 'host:spark-1', metric: 'load_1m', from: begin, to: clock.now + 1, step }
        const { points, step_s } = now.series(query)
        expect(step_s).toBe(step)
        for (const { at, avg, min, max } of points) {
          const from = Date.parse(at)
          const inside = figures.filter(({ second }) => {
            const time = begin + second * 1000
            return time >= from && time < from + step * 1000
          })
          expect(min).toBe(Math.min(...inside.map(({ value }) => value)))
          expect(max).toBe(Math.max(...inside.map(({ value }) => value)))
          expect(avg).toBeCloseTo(inside.reduce((sum, { value }) => sum + value, 0) / inside.length, 6)
        }
        const steps = new Set(figures.map(({ second }) => Math.floor((begin / 1000 + second) / step)))
        expect(points).toHaveLength(steps.size)
        expect(now.metrics('host:spark-1')).toEqual(['load_1m'])
        store.run('DELETE FROM minutes')
      },
    ),
    { numRuns: 40 },
  )
})

test('recent() shows the newest seconds with gaps where nothing was seen', () => {
  const { past, clock } = opened()
  for (const second of [0, 1, 2, 3, 8, 9]) past.sample('host:spark-1', { load_1m: second }, begin + second * 1000)
  clock.now = begin + 9000
  expect(past.recent('host:spark-1', 'load_1m', 10_000, 5)).toEqual([0.5, 2.5, null, null, 8.5])
  expect(past.recent('host:spark-1', 'none', 10_000, 2)).toEqual([null, null])
})

test('what is too old goes in small steps, hours stay longer than minutes, and what lasts is never forgotten', () => {
  const { past, clock, store } = opened()
  past.state(change('up', begin, { subject: 'service:llm', service: 'llm' }))
  past.state(change('unreachable', begin))
  past.state(change('up', begin + 1000, { from: 'unreachable' }))
  for (let n = 0; n < 10; n++) past.sample('host:spark-1', { load_1m: 1 }, begin + n * minute)
  past.flush()
  const count = (table: string) => (store.query(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n
  const watchedUntil = (end: number) => {
    for (; clock.now < end; clock.now += 2 * day) past.flush()
    for (let n = 0; n < 60; n++) past.flush()
    return [count('minutes'), count('hours'), count('events')]
  }
  expect(watchedUntil(begin + caps.minutesMs + hour)).toEqual([0, 1, 3])
  expect(watchedUntil(begin + caps.hoursMs + hour)).toEqual([0, 0, 2])
})

test('no more than 200,000 entries are kept', () => {
  const { past, store, clock } = opened()
  clock.now = begin + hour
  const rows = caps.events + 3500
  store.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO events (at, type, text) SELECT ${begin} + i, 'notice', 'x' FROM n`,
  )
  past.flush()
  expect(store.query('SELECT count(*) AS n FROM events').get()).toEqual({ n: caps.events })
  expect(store.query('SELECT min(id) AS first FROM events').get()).toEqual({ first: 3501 })
})

test('a metric that would be one too many is not recorded', () => {
  const { past } = opened()
  for (let n = 0; n < caps.series + 5; n++) past.sample('host:spark-1', { [`m${n}`]: 1 }, begin)
  expect(past.metrics('host:spark-1')).toHaveLength(caps.series)
})
