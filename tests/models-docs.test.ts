import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { formatFinding } from '../core/config/findings'
import { loadConfig } from '../core/config/load'
import { loadRecipe } from '../core/models/recipe-file'
import { loadKinds } from '../handlers/kinds'

const page = await Bun.file(join(import.meta.dir, '../docs/MODELS.md')).text()
const examples = (kind: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`yaml ${kind}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text)

test.each(examples('recipe'))('docs/MODELS.md shows recipes that load and can be launched: %#', (text) => {
  const { recipe, findings } = loadRecipe({ text, file: 'recipes/example.yaml' })
  expect(findings.map(formatFinding)).toEqual([])
  expect(recipe?.unrunnable).toBeNull()
})

test.each(examples('config'))('docs/MODELS.md shows configurations that are valid: %#', async (text) => {
  const { findings } = loadConfig({ text, file: 'spark.config.yaml', kinds: await loadKinds(), recipes: [] })
  expect(findings.map(formatFinding)).toEqual([])
})

test('docs/MODELS.md has an example of every runtime', () => {
  const runtimes = examples('recipe').map((text) => loadRecipe({ text, file: 'recipes/x.yaml' }).recipe?.runtime)
  expect(new Set(runtimes)).toEqual(new Set(['launch-cluster', 'docker', 'script']))
})
