import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { check } from '../commands/check'
import { formatFinding } from '../core/config/findings'
import { loadConfig } from '../core/config/load'
import { loadRecipes } from '../core/models/recipes/folder'
import { loadKinds } from '../handlers/kinds'
import { published } from '../scripts/schema'

const root = join(import.meta.dir, '..')
const read = (path: string) => Bun.file(join(root, path)).text()
const kinds = await loadKinds()
const example = await read('spark.config.yaml')
const pages = await published(kinds, example)
/** The example with every optional key switched on. */
const everything = example.replace(/^( *)# ([a-z_]+: \S.*)$/gm, '$1$2')

const problems = async (text: string) => {
  const { recipes } = await loadRecipes(join(root, 'recipes'))
  return loadConfig({ text, file: 'spark.config.yaml', kinds, recipes }).findings.map(formatFinding)
}

describe('spark.config.yaml', () => {
  test('passes check as it is shipped, recipes included', async () => {
    const lines: string[] = []
    const code = await check([join(root, 'spark.config.yaml')], { kinds, out: (line) => lines.push(line) })
    expect(lines.filter((line) => !line.startsWith('note: ')).slice(0, -1)).toEqual([])
    expect(code).toBe(0)
  })

  test('is valid with every optional key switched on', async () => {
    expect(everything).not.toBe(example)
    expect((await problems(everything)).filter((line) => !line.startsWith('note: '))).toEqual([])
  })

  test('names the schema for editors in its first line', async () => {
    expect(example).toStartWith('# yaml-language-server: $schema=./docs/spark.config.schema.json\n')
  })

  test('shows every key that hosts and services have in common', async () => {
    const schema = JSON.parse(await read('docs/spark.config.schema.json'))
    const keys = [schema, schema.$defs.host, schema.$defs.common].flatMap(({ properties }) => Object.keys(properties))
    expect(keys.filter((key) => !new RegExp(`\\b${key}:`).test(everything))).toEqual([])
  })
})

describe('docs/', () => {
  test.each(Object.entries(pages))('%s is what `bun run schema` would write', async (path, text) => {
    const meaning = (written: string) => (path.endsWith('.json') ? JSON.parse(written) : written)
    expect(meaning(await read(path))).toEqual(meaning(text))
  })

  test('CONFIG.md tells the meaning of every key of every kind', async () => {
    const page = await read('docs/CONFIG.md')
    for (const { kind, schema } of kinds) {
      expect(page).toContain(`\`kind: ${kind}\``)
      for (const [key, property] of Object.entries(schema.properties)) {
        expect(page).toContain(`\`${key}\``)
        expect(property).toHaveProperty('description')
      }
    }
  })
})
