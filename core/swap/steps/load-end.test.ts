import { expect, test } from 'bun:test'
import { sampleRecipe } from '../../models/recipe.sample'
import { endOf, overdue } from './load-end'

test('endOf() is null while a launch goes on or has not begun', () => {
  expect(endOf({ exit: null, wrapper: 'alive' }, '', 'spark-1')).toBeNull()
  expect(endOf({ exit: null, wrapper: 'new' }, '', 'spark-1')).toBeNull()
})

test.each([
  ['no directory', null, 'launch_lost', 'left no trace on spark-1'],
  ['another boot', { exit: null, wrapper: 'restarted' }, 'host_restarted', 'spark-1 has restarted'],
  ['no word', { exit: null, wrapper: 'gone' }, 'launch_killed', 'ended from outside'],
  ['an exit code', { exit: 2, wrapper: 'gone' }, 'load_failed', 'the launcher ended with code 2'],
  ['an engine that went', { exit: 70, wrapper: 'gone' }, 'load_failed', 'the engine ended'],
] as const)('endOf() tells the end of a launch by %s', (_, state, code, words) => {
  const end = endOf(state, '', 'spark-1')
  expect(end?.code).toBe(code)
  expect(end?.message).toContain(words)
})

test('overdue() is the silence first, then the whole time', () => {
  const limits = { silenceS: 180, loadS: 7200 }
  const recipe = sampleRecipe()
  expect(overdue(recipe, { still: 180_000, took: 7_200_000 }, limits)).toBeNull()
  expect(overdue(recipe, { still: 180_001, took: 7_200_001 }, limits)?.code).toBe('stalled')
  expect(overdue(recipe, { still: 0, took: 7_200_001 }, limits)?.code).toBe('load_endless')
})
