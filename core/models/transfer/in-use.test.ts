import { expect, test } from 'bun:test'
import { sampleRecipe } from '../recipe.sample'
import { inUse } from './in-use'

test('inUse() keeps the drafter of what is loaded as well', () => {
  const command = `vllm serve org/model --speculative-config '{{"model":"org/drafter","num_speculative_tokens":3}}'`
  const recipe = sampleRecipe({ repo: 'org/model', command })
  const uses = inUse({
    services: [],
    recipes: () => [recipe],
    observed: { service: () => null } as never,
    loaded: () => [{ service: 'llm', repo: 'org/model', recipe }],
    swap: () => null,
  })
  expect([...uses.keys()]).toEqual(['org/model', 'org/drafter'])
})
