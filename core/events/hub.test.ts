import { expect, test } from 'bun:test'
import { hub } from './hub'

test('hub() hands out rising ids and lets a listener come back where it left', () => {
  const events = hub({ firstId: 10 })
  const seen: number[] = []
  const stop = events.subscribe(({ id }) => seen.push(id))
  events.publish('a', 1)
  events.publish('b', 2)
  stop()
  events.publish('c', 3)
  expect(seen).toEqual([11, 12])
  expect(events.since(12)?.map((event) => event.type)).toEqual(['c'])
  expect(events.since(13)).toEqual([])
})

test('since() says so when it no longer knows, or never knew, what came after an id', () => {
  const events = hub({ keep: 2, firstId: 0 })
  for (let n = 0; n < 5; n++) events.publish('x', n)
  expect(events.since(1)).toBeNull()
  expect(events.since(3)?.map((event) => event.id)).toEqual([4, 5])
  expect(events.since(99)).toBeNull()
})
