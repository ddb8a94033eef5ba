import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Hub, hub } from '../events/hub'
import type { Note } from '../history/event'
import { migrate, type Store } from '../store/store'
import { type SettableClock, settableClock } from './clock.sample'
import { type Lock, LockedError, lock } from './lock'

const alice = { holder: 'Alice', reason: 'nightly evaluation', ttlS: 60 }
const bob = { holder: 'Bob', reason: 'a demo', ttlS: 30 }
const free = { holder: null, reason: null, expires_at: null }

interface Desk {
  lock: Lock
  clock: SettableClock
  store: Store
  notes: Note[]
  told: unknown[]
  /** Kills the program, lets that many ms pass, and starts it anew. */
  restart(awayMs?: number): void
}

function desk(): Desk {
  const store = new Database(':memory:', { strict: true })
  migrate(store)
  const notes: Note[] = []
  const told: unknown[] = []
  const clock = settableClock()
  let run = 0
  const open = () =>
    lock({ store, clock, hub: listened(told), note: (entry) => notes.push(entry), run: `run-${run++}` })
  const made: Desk = {
    lock: open(),
    clock,
    store,
    notes,
    told,
    restart(awayMs = 0) {
      clock.kill(awayMs)
      made.lock = open()
    },
  }
  return made
}

function listened(told: unknown[]): Hub {
  const events = hub()
  events.subscribe(({ type, data }) => type === 'lock' && told.push(data))
  return events
}

test('take() gives a token that alone admits until the time is over', () => {
  const { lock, clock } = desk()
  expect(lock.admits(null)).toBe(true)
  const { token, view } = lock.take(alice)
  expect(token).toMatch(/^[\w-]{43}$/)
  expect(view).toEqual({
    holder: 'Alice',
    reason: 'nightly evaluation',
    expires_at: new Date(clock.now() + 60_000).toISOString(),
  })
  expect(lock.view()).toEqual(view)
  expect([lock.admits(token), lock.admits(null), lock.admits(''), lock.admits(`${token}x`)]).toEqual([
    true,
    false,
    false,
    false,
  ])
  clock.pass(59_000)
  expect(lock.remainingS()).toBe(1)
  clock.pass(1000)
  expect([lock.view(), lock.admits(null), lock.renew(token), lock.release(token)]).toEqual([free, true, null, false])
})

test('take() refuses a second holder, and names the first', () => {
  const { lock } = desk()
  const { view } = lock.take(alice)
  expect(() => lock.take(bob)).toThrow(LockedError)
  expect(() => lock.take(bob)).toThrow('Alice')
  expect(lock.view()).toEqual(view)
})

test('renew() counts anew, by its own time or by the one it is told', () => {
  const { lock, clock } = desk()
  const { token } = lock.take(alice)
  clock.pass(50_000)
  lock.renew(token)
  expect(lock.remainingS()).toBe(60)
  lock.renew(token, 5)
  expect(lock.remainingS()).toBe(5)
  lock.renew(token)
  expect(lock.remainingS()).toBe(5)
  expect(lock.renew('wrong')).toBeNull()
})

test('forceRelease() frees it whoever holds it, and the old token holds nothing any more', () => {
  const { lock } = desk()
  expect(lock.forceRelease()).toBeNull()
  const { token, view } = lock.take(alice)
  expect(lock.forceRelease()).toEqual(view)
  expect(lock.release(token)).toBe(false)
  lock.take(bob)
  expect(lock.admits(token)).toBe(false)
})

test('the lock is recorded and told once at each change, and at its end by itself', () => {
  const { lock, clock, notes, told } = desk()
  const { token } = lock.take(alice)
  lock.release(token)
  lock.take(bob)
  lock.forceRelease()
  lock.take(alice)
  clock.pass(60_000)
  expect(notes.map(({ text }) => text.replace(/ until .*Z/, ''))).toEqual([
    'Alice locked swaps: nightly evaluation',
    'Alice released the swap lock',
    'Bob locked swaps: a demo',
    'the swap lock of Bob was released by force',
    'Alice locked swaps: nightly evaluation',
    'the swap lock of Alice ended with its time',
  ])
  expect(told).toEqual([
    expect.objectContaining({ holder: 'Alice' }),
    free,
    expect.objectContaining({ holder: 'Bob' }),
    free,
    expect.objectContaining({ holder: 'Alice' }),
    free,
  ])
})

test('the store holds no token', () => {
  const { lock, store } = desk()
  const { token } = lock.take(alice)
  expect(Buffer.from(store.serialize()).includes(token)).toBe(false)
})

test('a lock outlives a restart, and ends at its time by the wall clock', () => {
  const it = desk()
  const { token, view } = it.lock.take(alice)
  it.restart(20_000)
  expect(it.lock.view()).toEqual(view)
  expect(it.lock.admits(token)).toBe(true)
  expect(it.lock.remainingS()).toBe(40)
  it.restart(40_000)
  expect(it.lock.view()).toEqual(free)
  expect(it.notes.at(-1)?.text).toBe('the swap lock of Alice ended with its time')
})

test.each([3600_000, -3600_000])('a wall clock that is set by %d ms neither extends nor shortens it', (jump) => {
  const it = desk()
  const { token } = it.lock.take(alice)
  it.clock.set(jump)
  expect(it.lock.view().expires_at).toBe(new Date(it.clock.now() + 60_000).toISOString())
  it.clock.pass(10_000)
  it.restart(10_000)
  expect(it.lock.remainingS()).toBe(40)
  it.clock.pass(39_000)
  expect(it.lock.admits(token)).toBe(true)
  it.clock.pass(1000)
  expect(it.lock.view()).toEqual(free)
})

test('a wall clock that was set back while the program was away gives no more than the time it was taken for', () => {
  const it = desk()
  it.lock.take(alice)
  it.clock.set(-3600_000)
  it.restart()
  expect(it.lock.remainingS()).toBe(60)
})

test('two locks on one store, as a reload has them, are one lock that is ended and recorded once', () => {
  const it = desk()
  const told: unknown[] = []
  const note = (entry: Note) => it.notes.push(entry)
  const second = lock({ store: it.store, clock: it.clock, hub: listened(told), note, run: 'run-0' })
  const { token, view } = it.lock.take(alice)
  expect(() => second.take(bob)).toThrow(LockedError)
  expect([second.view(), second.admits(token), second.admits(null)]).toEqual([view, true, false])
  it.clock.pass(60_000)
  expect(told).toEqual([view, free])
  expect(it.notes).toHaveLength(2)
})

test('a disk that takes nothing keeps nobody locked out longer than their time', () => {
  const { lock, clock, store, notes } = desk()
  lock.take(alice)
  store.run('PRAGMA query_only = ON')
  clock.pass(61_000)
  expect([lock.view(), lock.admits(null)]).toEqual([free, true])
  expect(() => lock.take(bob)).toThrow()
  store.run('PRAGMA query_only = OFF')
  clock.pass(1000)
  expect(notes).toHaveLength(2)
  expect(lock.take(bob).view.holder).toBe('Bob')
})

/** What is true of the lock, as simply as it can be said. */
interface Model {
  token: string | null
  ttlS: number
  /** ms that are left. */
  left: number
  old: string[]
}

class Step implements fc.Command<Model, Desk> {
  constructor(
    readonly name: string,
    readonly act: (model: Model, real: Desk) => void,
  ) {}
  check = () => true
  toString = () => this.name
  run(model: Model, real: Desk) {
    this.act(model, real)
    const { lock } = real
    const holds = model.token !== null
    expect(lock.view().holder !== null).toBe(holds)
    expect(lock.remainingS()).toBe(holds ? model.left / 1000 : null)
    expect(lock.admits(null)).toBe(!holds)
    if (holds) expect(lock.admits(model.token)).toBe(true)
    for (const each of model.old) expect([lock.admits(each), lock.release(each)]).toEqual([!holds, false])
    expect(real.store.query('SELECT count(*) AS n FROM swap_lock').get()).toEqual({ n: holds ? 1 : 0 })
  }
}

const seconds = fc.integer({ min: 1, max: 90 })
const jumps = fc.integer({ min: 2, max: 7200 }).chain((s) => fc.constantFrom(s * 1000, -s * 1000))

function over(model: Model, ms: number) {
  model.left -= ms
  if (model.left <= 0) ended(model)
}

function ended(model: Model) {
  if (model.token !== null) model.old.push(model.token)
  model.token = null
}

const steps = [
  seconds.map(
    (ttlS) =>
      new Step(`take ${ttlS}`, (model, { lock }) => {
        if (model.token !== null) {
          expect(() => lock.take({ ...alice, ttlS })).toThrow(LockedError)
          return
        }
        Object.assign(model, { token: lock.take({ ...alice, ttlS }).token, ttlS, left: ttlS * 1000 })
      }),
  ),
  fc.option(seconds, { nil: undefined }).map(
    (ttlS) =>
      new Step(`renew ${ttlS}`, (model, { lock }) => {
        expect(lock.renew(model.token, ttlS) !== null).toBe(model.token !== null)
        model.ttlS = ttlS ?? model.ttlS
        model.left = model.ttlS * 1000
      }),
  ),
  fc.constant(
    new Step('release', (model, { lock }) => {
      expect(lock.release(model.token)).toBe(model.token !== null)
      ended(model)
    }),
  ),
  fc.constant(
    new Step('force', (model, { lock }) => {
      expect(lock.forceRelease() !== null).toBe(model.token !== null)
      ended(model)
    }),
  ),
  seconds.map(
    (s) =>
      new Step(`pass ${s}`, (model, { clock }) => {
        clock.pass(s * 1000)
        over(model, s * 1000)
      }),
  ),
  jumps.map(
    (ms) =>
      new Step(`set the wall clock by ${ms}`, (model, { clock }) => {
        clock.set(ms)
        // So long a wrong time may be kept.
        clock.pass(1000)
        over(model, 1000)
      }),
  ),
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.oneof(fc.constant(0), jumps)).map(
    ([s, ms]) =>
      new Step(`restart after ${s} s with the wall clock set by ${ms}`, (model, real) => {
        real.clock.set(ms)
        real.restart(s * 1000)
        over(model, s * 1000 + ms)
        model.left = Math.min(model.left, model.ttlS * 1000)
      }),
  ),
]

test('whatever happens in whatever order, one holds it at most and a token admits exactly while it holds', () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 40 }), (commands) => {
      fc.modelRun(() => ({ model: { token: null, ttlS: 1, left: 0, old: [] } as Model, real: desk() }), commands)
    }),
    { numRuns: 300 },
  )
})
