import { Database } from 'bun:sqlite'
import { beforeEach, expect, test } from 'bun:test'
import { systemClock } from '../clock'
import { migrate, type Store } from '../store/store'
import { type Deliveries, deliveries } from './deliveries'
import { addMessage } from './outbox'

const day = 24 * 3600_000
const target = { url: 'http://192.0.2.20/', secret: 'KEY', events: [] }

let store: Store
let kept: Deliveries
beforeEach(() => {
  store = new Database(':memory:', { strict: true })
  store.run('PRAGMA foreign_keys = ON')
  migrate(store)
  kept = deliveries(store)
})

const add = (count: number, at = Date.now()) => {
  for (let n = 0; n < count; n++) {
    const event = `swap_complete:${crypto.randomUUID()}`
    addMessage(store, systemClock, { event, type: 'swap_complete', data: {}, at }, [target])
  }
}
const count = () => kept.list({ limit: 20_000 }).length
const arrived = (id: number) => {
  const attempt = { at: new Date().toISOString(), status: 200, ms: 1, error: null, next_at: null }
  kept.attempted(id, { state: 'delivered', tries: 1, due: 0, attempt })
}

test('prune() keeps 1,000 messages, and of those that still have to be sent more', () => {
  add(1005)
  for (let id = 1; id <= 4; id++) arrived(id)
  kept.prune(Date.now())
  expect(count()).toBe(1001)
  expect(kept.get(4)).toBeNull()
  expect(kept.get(5)).not.toBeNull()
})

test('prune() keeps nothing for more than 30 days', () => {
  add(2, Date.now() - 31 * day)
  add(1)
  kept.prune(Date.now())
  expect(count()).toBe(1)
})

test('list() goes on where a page ended', () => {
  add(5)
  const page = kept.list({ limit: 2 })
  expect(page.map(({ id }) => id)).toEqual([5, 4])
  expect(kept.list({ limit: 9, before: 4 }).map(({ id }) => id)).toEqual([3, 2, 1])
})

test('attempted() keeps the newest 50 attempts', () => {
  add(1)
  for (let n = 0; n < 60; n++) arrived(1)
  expect(kept.get(1)?.attempts).toHaveLength(50)
})
