import { expect, test } from 'bun:test'
import { followers } from './followers'

test('followers() has so many places for each service, each login and all, and takes each back once', () => {
  const places = followers({ most: 4, mostOfService: 2, mostOfLogin: 3 })
  const take = (service: string, login = 'spark-1 ubuntu') => {
    const place = places.take(service, login)
    return typeof place === 'string' ? place : 'taken'
  }
  const first = places.take('a', 'spark-1 ubuntu')
  expect([take('a'), take('a'), take('b'), take('c')]).toEqual(['taken', 'service', 'taken', 'login'])
  expect([take('b', 'spark-2 ubuntu'), take('c', 'spark-2 ubuntu')]).toEqual(['taken', 'all'])
  if (typeof first === 'string') throw new Error('the first has no place')
  first.release()
  first.release()
  expect([take('a'), take('a', 'spark-2 ubuntu')]).toEqual(['taken', 'service'])
  expect(take('c', 'spark-2 ubuntu')).toBe('all')
})
