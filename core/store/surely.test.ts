import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import type { Clock } from '../clock'
import { surely } from './surely'

test('surely() writes once the disk takes it, and waits longer from time to time', async () => {
  const store = full()
  const { clock, waits } = quick()
  let tries = 0
  const write = () => {
    if (++tries === 8) store.run('PRAGMA max_page_count = 1000')
    store.run('INSERT INTO words VALUES (randomblob(20000))')
    return 'written'
  }
  const told: unknown[] = []
  expect(await surely(write, clock, new AbortController().signal, (error) => told.push(error))).toBe('written')
  expect(store.query('SELECT count(*) AS rows FROM words').get()).toEqual({ rows: 1 })
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000])
  expect(told.map((error) => (error as { code: string }).code)).toEqual(new Array(7).fill('SQLITE_FULL'))
})

test('surely() throws what the tables refuse, and ends with the reason of an abort', async () => {
  const store = full()
  const { clock } = quick()
  const ignore = () => {}
  const wrong = () => store.run('INSERT INTO nowhere VALUES (1)')
  expect(surely(wrong, clock, new AbortController().signal, ignore)).rejects.toThrow('no such table')
  const over = new AbortController()
  const write = () => store.run('INSERT INTO words VALUES (randomblob(20000))')
  const waiting = surely(write, clock, over.signal, () => over.abort(new Error('let go')))
  expect(waiting).rejects.toThrow('let go')
})

function full(): Database {
  const store = new Database(':memory:', { strict: true })
  store.run('CREATE TABLE words (word BLOB)')
  store.run('PRAGMA max_page_count = 2')
  return store
}

/** A clock whose waits are over at once. */
function quick() {
  const waits: number[] = []
  const clock: Clock = {
    now: () => 0,
    rising: () => 0,
    after(ms, act) {
      waits.push(ms)
      queueMicrotask(act)
      return () => {}
    },
  }
  return { clock, waits }
}
