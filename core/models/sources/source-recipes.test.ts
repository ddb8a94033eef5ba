import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../../config/findings'
import { sourceRecipes } from './source-recipes'

const source = { name: 'launcher:spark-1', folder: '~/x/recipes', host: 'spark-1', trusted: false, declared: false }
const recipe = (more = '') =>
  `recipe_version: "1"\nname: X\nmodel: a/b\ncontainer: vllm-node\ncommand: vllm serve a/b ${more}\n`

function read(files: Record<string, string>, rest: { problem?: string; declared?: boolean } = {}) {
  const texts = Object.entries(files).map(([path, text]) => ({ path, mark: '', text }))
  const { recipes, notes } = sourceRecipes(
    { ...source, declared: rest.declared ?? false },
    { files: texts, skipped: [], problem: rest.problem ?? null },
  )
  return { ids: recipes.map(({ id }) => id), notes: notes.map(formatFinding), recipes }
}

describe('sourceRecipes()', () => {
  test('keeps recipes of one name from several folders apart, and the plain id for the shallowest', () => {
    const { ids, notes } = read({
      '4x-Cluster/qwen.yaml': recipe('-tp 4'),
      'qwen.yaml': recipe(),
      '3x/qwen.yaml': recipe('-tp 3'),
      'old/3x/qwen.yaml': recipe('-tp 3'),
    })
    expect(ids).toEqual(['qwen', '3x-qwen', '4x-cluster-qwen'])
    expect(notes).toEqual([
      'note: launcher:spark-1/old/3x/qwen.yaml:1:1: was left out: another recipe of this source is called qwen; its keeper can rename it',
    ])
  })

  test('tells what is wrong as a note of that source, and nothing of files that are no recipes', () => {
    const { ids, notes } = read({
      'bench.yaml': 'schedule: [1]\n',
      'open.yaml': 'a: [',
      'bad.yaml': recipe('; reboot'),
      'My Model.yaml': recipe(),
      'unknown.yaml': `${recipe()}vetted_local_code: ../x\n`,
    })
    expect(ids).toEqual(['unknown'])
    expect(notes).toEqual([
      'note: launcher:spark-1/My Model.yaml:1:1: was left out: the file name "my model" is no id; use letters, digits, dots, dashes or underscores, at most 64',
      'note: launcher:spark-1/bad.yaml:5:1: was left out: command: has an unquoted ";"; quote it: a recipe\'s command is one program call',
    ])
  })

  test('tells twenty notes and counts the rest', () => {
    const names = Array.from({ length: 30 }, (_, index) => [`r${index}.yaml`, recipe('|')])
    const { notes } = read(Object.fromEntries(names))
    expect(notes).toHaveLength(21)
    expect(notes.at(-1)).toBe(
      'note: launcher:spark-1:1:1: 10 more of its files were left out; its keeper can mend them',
    )
  })

  test('misses a declared folder, and no folder of a launcher', () => {
    expect(read({}, { problem: 'cannot be read', declared: true }).notes).toHaveLength(1)
    expect(read({}, { problem: 'cannot be read' }).notes).toEqual([])
  })

  test('an alias bomb, a NUL and a cycle are left out and take nothing with them', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
      .split('')
      .map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(10)}]`)
      .join('\n')}\nmodel: a/b\n`
    const { ids } = read({
      'bomb.yaml': bomb,
      'nul.yaml': 'model: "a\\0b"\n',
      'cycle.yaml': 'model: &x [*x]\n',
      'ok.yaml': recipe(),
    })
    expect(ids).toEqual(['ok'])
  })
})
