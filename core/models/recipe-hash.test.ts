import { expect, test } from 'bun:test'
import { sampleRecipe } from './recipe.sample'
import { recipeHash } from './recipe-hash'

const hash = (fields = {}) => recipeHash(sampleRecipe(fields))

test('recipeHash() is another for everything that changes what is run', () => {
  const changes = [
    {},
    { container: 'x' },
    { command: 'x' },
    { defaults: { port: 1 } },
    { defaults: { port: '1' } },
    { env: { A: '1' } },
    { mods: ['mods/x'] },
    { runtime: 'docker' },
    { docker: { mounts: ['/:/host'] } },
    { script: { start: ['x'] } },
    { revision: 'abc' },
    { nodes: 2 },
    { repo: 'org/other' },
  ]
  expect(new Set(changes.map(hash)).size).toBe(changes.length)
  expect(hash()).toMatch(/^[0-9a-f]{64}$/)
})

test('recipeHash() is the same for another name, another order of keys and another place', () => {
  const other = { name: 'Other', description: 'x', capabilities: ['vision'], knownIssue: 'x', id: 'b', source: 'own' }
  expect(hash(other)).toBe(hash())
  expect(hash({ env: { A: '1', B: '2' } })).toBe(hash({ env: { B: '2', A: '1' } }))
})
