import { expect, test } from 'bun:test'
import { sampleHost, sampleService } from '../config/declared.sample'
import { homeOf } from './home'
import { sampleRecipe } from './recipe.sample'

const one = sampleHost('spark-1', { launcher: '~/launcher' })
const two = sampleHost('spark-2', { launcher: '~/launcher' })
const solo = sampleService('solo', { hosts: [one] })
const pair = sampleService('pair', { hosts: [two, one] })
const bare = sampleService('bare', { hosts: [sampleHost('spark-3')] })
const recipe = sampleRecipe({ id: 'r' })

test('homeOf() is where the recipe was loaded last', () => {
  const loads = [
    { service: 'pair', recipe: 'r', at: 2 },
    { service: 'solo', recipe: 'r', at: 1 },
    { service: 'solo', recipe: 'other', at: 3 },
  ]
  expect(homeOf(recipe, [solo, pair], ['pair'], loads)).toBe(pair)
  expect(homeOf(recipe, [solo], [], loads)).toBe(solo)
})

test('homeOf() is an empty service before one whose model would end, else the first that can run it', () => {
  expect(homeOf(recipe, [solo, pair], ['solo'], [])).toBe(pair)
  expect(homeOf(recipe, [solo, pair], ['solo', 'pair'], [])).toBe(solo)
  expect(homeOf(recipe, [bare, pair], [], [])).toBe(pair)
})

test('homeOf() never is a service with too few Sparks, unless none has enough', () => {
  const wide = sampleRecipe({ id: 'r', nodes: 2 })
  const loads = [{ service: 'solo', recipe: 'r', at: 1 }]
  expect(homeOf(wide, [solo, pair], [], loads)).toBe(pair)
  expect(homeOf(sampleRecipe({ nodes: 4 }), [solo, pair], [], [])).toBe(solo)
  expect(homeOf(recipe, [], [], [])).toBeUndefined()
})
