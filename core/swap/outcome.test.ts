import { expect, test } from 'bun:test'
import { sampleService } from '../config/declared.sample'
import type { LaunchOrder } from '../launchers/launcher'
import { sampleRecipe } from '../models/recipe.sample'
import { outcome } from './outcome'
import { endSwap, enterPhase, newSwap } from './progress'
import type { SwapOrder } from './swap-request'

const llm = sampleService('llm')
const second = sampleService('second', { port: 8889, container: 'second' })
const launch = (id: string, service = llm): LaunchOrder => ({
  recipe: sampleRecipe({ id, text: 'long' }),
  service,
  utilization: null,
  memory: {},
  weights: null,
})
const order: SwapOrder = {
  service: llm,
  order: launch('new'),
  stops: [
    { service: llm, recipe: sampleRecipe({ id: 'old' }) },
    { service: second, recipe: sampleRecipe({ id: 'other' }) },
  ],
  back: [launch('old'), launch('other', second)],
  usual: 60,
  by: 'app',
}
const fresh = newSwap(
  'swap-1',
  { recipe: 'new', service: 'llm', previous: 'old', eta: 60, by: 'app', makesRoom: [] },
  't',
)
const loading = enterPhase(fresh, 'load', '', 't')
const at = (view: typeof fresh, result: 'new' | 'previous' | 'none' | 'unknown') =>
  outcome({ ...view, result }, order, result === 'previous' ? order.back : [], () => ({ 'spark-1': 'boot' }), 7)

test('outcome() keeps what was loaded as it was launched, and clears what made room', () => {
  const { sets, clears } = at(endSwap({ ...loading, phases: begun() }, 'done', 't'), 'new')
  expect(sets).toMatchObject([
    { service: 'llm', recipe: 'new', job: 'swap-1', by: 'app', boots: { 'spark-1': 'boot' }, at: 7 },
  ])
  expect(sets[0]?.order.recipe.text).toBe('')
  expect(clears).toEqual(['second'])
})

test('outcome() keeps everything that came back, and nothing where nothing did', () => {
  const rolled = at({ ...loading, phases: begun() }, 'previous')
  expect(rolled.sets.map(({ service, recipe }) => [service, recipe])).toEqual([
    ['llm', 'old'],
    ['second', 'other'],
  ])
  expect(at({ ...loading, phases: begun() }, 'none')).toEqual({ sets: [], clears: ['llm', 'second'] })
})

test('outcome() keeps what a restart of its Spark has ended, though loading it again failed', () => {
  const failed = { ...loading, phases: begun(), state: 'failed' as const, result: 'none' as const }
  expect(outcome(failed, { ...order, by: 'resume' }, [], () => ({}), 7)).toEqual({ sets: [], clears: [] })
})

test('outcome() changes nothing where nothing was touched, or nobody can tell', () => {
  expect(at(fresh, 'previous')).toEqual({ sets: [], clears: [] })
  expect(at({ ...loading, phases: begun() }, 'unknown')).toEqual({ sets: [], clears: [] })
})

function begun() {
  return loading.phases.map((each) => (each.name === 'stop' ? { ...each, state: 'done' as const } : each))
}
