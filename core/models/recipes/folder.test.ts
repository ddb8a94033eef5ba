import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatFinding } from '../../config/findings'
import { loadRecipes } from './folder'

const recipe = 'recipe_version: 1\nname: X\nmodel: a/b\ncontainer: vllm-node\ncommand: vllm serve a/b\n'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recipes-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function write(name: string, files: Record<string, string | Uint8Array>): Promise<string> {
  const directory = join(folder, name, 'recipes')
  await mkdir(directory, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text)
  return directory
}

test('loadRecipes() reads what lies in the folder itself, sorted by id', async () => {
  const directory = await write('plain', { 'b.yml': recipe, 'A.yaml': recipe, 'README.md': '', '.hidden.yaml': 'x: [' })
  await mkdir(join(directory, '4x-cluster.yaml'))
  const { recipes, findings } = await loadRecipes(directory, 'own')
  expect(recipes.map(({ id, file, source }) => [id, file, source])).toEqual([
    ['a', 'recipes/A.yaml', 'own'],
    ['b', 'recipes/b.yml', 'own'],
  ])
  expect(findings.map(formatFinding)).toEqual(['recipes/4x-cluster.yaml:1:1: is not a file; name a YAML file'])
})

test('loadRecipes() finds nothing in a folder that is not there', async () => {
  expect(await loadRecipes(join(folder, 'nowhere'))).toEqual({ recipes: [], findings: [] })
})

test('loadRecipes() refuses two files of one id, and keeps the first', async () => {
  const directory = await write('twins', { 'A.yaml': recipe, 'a.yml': recipe })
  const { recipes, findings } = await loadRecipes(directory, 'own', 'r')
  expect(recipes).toHaveLength(1)
  expect(findings.map(formatFinding)).toEqual(['r/a.yml:1:1: has the same id (a) as r/A.yaml; rename one of the two'])
})

test('loadRecipes() refuses links that leave the folder, and follows those that stay', async () => {
  const directory = await write('links', { 'real.yaml': recipe })
  await writeFile(join(folder, 'links', 'secret.yaml'), recipe)
  await symlink('real.yaml', join(directory, 'stays.yaml'))
  await symlink('../secret.yaml', join(directory, 'leaves.yaml'))
  await symlink('gone.yaml', join(directory, 'dangling.yaml'))
  const { recipes, findings } = await loadRecipes(directory)
  expect(recipes.map(({ id }) => id)).toEqual(['real', 'stays'])
  expect(findings.map(formatFinding)).toEqual([
    'recipes/dangling.yaml:1:1: no such file; check the path',
    'recipes/leaves.yaml:1:1: is a link that leads out of the folder; copy the file here',
  ])
})

test('a bad file takes none of the others with it', async () => {
  const directory = await write('bad', {
    'good.yaml': recipe,
    'bytes.yaml': new Uint8Array([0xff, 0xfe, 0x00]),
    'huge.yaml': 'x'.repeat(256 * 1024 + 1),
    'open.yaml': 'a: [',
  })
  const { recipes, findings } = await loadRecipes(directory)
  expect(recipes.map(({ id }) => id)).toEqual(['good'])
  expect(findings.map(({ file, problem }) => `${file}: ${problem}`)).toEqual([
    'recipes/bytes.yaml: is not UTF-8 text',
    'recipes/huge.yaml: is larger than 256 kB',
    'recipes/open.yaml: flow sequence in block collection must be sufficiently indented and end with a ]',
  ])
})
