import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { sampleService } from '../../config/declared.sample'
import { migrate } from '../../store/store'
import { sampleRecipe } from '../recipe.sample'
import { launches } from './launches'

const took = { weightsBytes: 8e9, overheadBytes: 4e9, kvBytesPerToken: 65_536.5 }
const service = sampleService()

function store() {
  const database = new Database(':memory:', { strict: true })
  migrate(database)
  return database
}

test('of() tells what launches of the recipe on the service took, newest first', () => {
  const known = launches(store())
  const recipe = sampleRecipe({ hash: 'aa' })
  known.learn(recipe, service, 'spark-1', took)
  known.learn(recipe, service, 'spark-1', { ...took, weightsBytes: null })
  expect(known.of(recipe, service)).toEqual([{ ...took, weightsBytes: null }, took])
})

test('of() knows nothing of a recipe that was changed, nor of another service', () => {
  const known = launches(store())
  known.learn(sampleRecipe({ hash: 'aa' }), service, 'spark-1', took)
  expect(known.of(sampleRecipe({ hash: 'bb' }), service)).toEqual([])
  expect(known.of(sampleRecipe({ hash: 'aa' }), sampleService('other'))).toEqual([])
})

test('learn() keeps nothing of a launch that told nothing, and the newest twenty of the others', () => {
  const known = launches(store())
  const recipe = sampleRecipe()
  known.learn(recipe, service, 'spark-1', { weightsBytes: null, overheadBytes: null, kvBytesPerToken: null })
  expect(known.of(recipe, service)).toEqual([])
  for (let index = 1; index <= 25; index += 1) known.learn(recipe, service, 'spark-1', { ...took, weightsBytes: index })
  expect(known.of(recipe, service).map(({ weightsBytes }) => weightsBytes)).toEqual(
    Array.from({ length: 20 }, (_, index) => 25 - index),
  )
})
