import { expect, test } from 'bun:test'
import { newJob } from '../../jobs/progress'
import { barOf, type LoadEnd, loadEnd } from './failed-loads'

const minute = 60_000

test('barOf() pauses for a minute after a failure, for five after a second one', () => {
  expect(barOf('m', [failure(0)], 59_999)).toEqual({ reason: 'm failed to load: out of memory', until: minute })
  expect(barOf('m', [failure(0)], minute)).toBeNull()
  const two = [failure(2 * minute), failure(0)]
  expect(barOf('m', two, 3 * minute)?.until).toBe(7 * minute)
  expect(barOf('m', two, 7 * minute)).toBeNull()
})

test('barOf() gives up after three failures in a row within the hour, until a person swaps', () => {
  const three = [failure(20 * minute), failure(10 * minute), failure(0)]
  expect(barOf('m', three, 999 * minute)).toEqual({
    reason: 'm failed to load 3 times in a row (out of memory); swap to it by hand',
    until: Number.POSITIVE_INFINITY,
  })
  const chosen = { ...failure(30 * minute), chosen: true }
  expect(barOf('m', [chosen, ...three], 31 * minute)).toBeNull()
})

test('barOf() counts neither failures of others, nor those before a load that went well, nor those over hours', () => {
  const well = { ...failure(15 * minute), cause: null }
  expect(barOf('m', [failure(20 * minute), well, failure(10 * minute), failure(0)], 21 * minute)).toBeNull()
  expect(barOf('other', [failure(0)], 1)).toBeNull()
  expect(barOf('m', [failure(90 * minute), failure(60 * minute), failure(0)], 96 * minute)).toBeNull()
})

test('loadEnd() tells nothing of swaps that run or unload, and takes a cancel as a no', () => {
  const job = { ...newJob({ id: 'swap-1', kind: 'swap', service: 'llm', phases: [] }, '2026-01-01T00:00:00Z') }
  const ended = { ...job, recipe: 'm', by: 'demand' as const, ended_at: '2026-01-01T00:01:00Z' }
  expect(loadEnd({ ...job, recipe: 'm' }, 5)).toBeNull()
  expect(loadEnd({ ...ended, recipe: null, state: 'done' }, 5)).toBeNull()
  expect(loadEnd({ ...ended, state: 'done' }, 5)).toEqual({ recipe: 'm', chosen: false, cause: null, at: 5 })
  expect(loadEnd({ ...ended, state: 'cancelled' }, 5)?.cause).toBe('it was cancelled')
  expect(loadEnd({ ...ended, state: 'rolled_back', by: 'person' }, 5)).toMatchObject({ chosen: true })
})

function failure(at: number): LoadEnd {
  return { recipe: 'm', chosen: false, cause: 'out of memory', at }
}
