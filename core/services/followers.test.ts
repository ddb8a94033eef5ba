import { expect, test } from 'bun:test'
import { followers } from './followers'

test('followers() has so many places for each service and for all, and takes each back once', () => {
  const places = followers({ most: 3, mostOfService: 2 })
  const first = places.take('a')
  expect([places.take('a'), places.take('b')].every((place) => typeof place === 'object')).toBe(true)
  expect([places.take('a'), places.take('b')]).toEqual(['service', 'all'])
  if (typeof first === 'string') throw new Error('the first has no place')
  first.release()
  first.release()
  expect(typeof places.take('b')).toBe('object')
  expect(places.take('c')).toBe('all')
})
