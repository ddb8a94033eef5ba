/** @jsxImportSource #jsx */
import { expect, test } from 'bun:test'
import { sampleRecipe } from '../../core/models/recipe.sample'
import { sampleData } from '../page-data.sample'
import { type RecipeSubject, recipePage } from './recipe'

const page = (changes: Partial<RecipeSubject>) =>
  recipePage(
    {
      recipe: sampleRecipe({ id: 'x', source: 'own' }),
      origin: 'yours',
      commands: [],
      untold: null,
      settings: 'command: [vllm, serve, a/b]',
      fit: null,
      model: null,
      loaded: false,
      beneath: null,
      difference: null,
      ...changes,
    },
    sampleData(),
  ).value

const foreign = sampleRecipe({ id: 'x', source: 'launcher:spark-1', trusted: false })

test('a recipe whose start cannot be told shows its words and settings before they are accepted', () => {
  const shown = page({ recipe: foreign, untold: 'spark-1: has no launcher' })
  expect(shown).toContain('spark-1: has no launcher')
  expect(shown).toContain('command: [vllm, serve, a/b]')
  expect(shown).toContain('Accept these commands')
})

test('a recipe that cannot be launched says why, and has nothing to accept', () => {
  const shown = page({ recipe: { ...foreign, unrunnable: 'its command is empty' }, untold: 'its command is empty' })
  expect(shown).toContain('launched here: its command is empty')
  expect(shown).not.toContain('Accept these commands')
})

test.each<[string, string | null, string, string]>([
  ['nothing', null, '/ui/recipes/x/remove', 'Remove this recipe'],
  ['the shipped one', 'shipped', '/ui/recipes/x/back', 'Remove mine, take the shipped one'],
  ['one that was accepted', 'own', '/ui/recipes/x/back', 'Discard this one, keep the one I accepted'],
])('an own recipe with %s beneath it can be removed', (_, beneath, action, button) => {
  const shown = page({ beneath, difference: beneath === null ? null : [] })
  expect(shown).toContain(`action="${action}"`)
  expect(shown).toContain(button)
  expect(page({ recipe: foreign, beneath })).not.toContain(action)
})
