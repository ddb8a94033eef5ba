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

test('homeOf() is where the recipe is loaded, else the first service that can run it', () => {
  expect(homeOf(recipe, [solo, pair], [{ service: 'pair', recipe }])).toBe(pair)
  expect(homeOf(recipe, [solo, pair], [{ service: 'pair', recipe: sampleRecipe() }])).toBe(solo)
  expect(homeOf(sampleRecipe({ nodes: 2 }), [solo, pair], [])).toBe(pair)
  expect(homeOf(recipe, [bare, pair], [])).toBe(pair)
})

test('homeOf() is the first where none can run it, and none where there is none', () => {
  expect(homeOf(sampleRecipe({ nodes: 4 }), [solo, pair], [])).toBe(solo)
  expect(homeOf(recipe, [], [])).toBeUndefined()
})
