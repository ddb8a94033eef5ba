import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Cluster, DeclaredKind, Finding } from '../core/config/cluster'
import { parseDocument } from '../core/config/document'
import { formatFinding } from '../core/config/findings'
import { loadConfig } from '../core/config/load'
import { readSource } from '../core/config/source'
import type { Recipe } from '../core/models/recipe'
import { loadRecipe, looksLikeRecipe } from '../core/models/recipe-file'
import { loadRecipes } from '../core/models/recipes/folder'

export interface CheckOptions {
  kinds: readonly DeclaredKind[]
  out?: (line: string) => void
}

type Verdict = { findings: Finding[]; summary: string }

const usage = 'usage: check FILE [--json]'

/** Validates one config (and `recipes/` beside it) or one recipe, connecting nowhere; 0 valid, 1 not valid, 2 wrongly called. */
export async function check(argv: readonly string[], { kinds, out = console.log }: CheckOptions): Promise<number> {
  const called = read(argv)
  if (typeof called === 'string') {
    out(called)
    return 2
  }
  const { findings, summary } = await verdict(called.file, kinds)
  const ok = findings.every(({ severity }) => severity === 'note')
  if (called.json) out(JSON.stringify({ ok, findings }))
  else {
    for (const finding of findings) out(formatFinding(finding))
    if (ok) out(`${called.file}: ok (${summary})`)
  }
  return ok ? 0 : 1
}

function read(argv: readonly string[]): { file: string; json: boolean } | string {
  try {
    const options = { json: { type: 'boolean' } } as const
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
    const [file, ...more] = positionals
    if (file === undefined) return `check: no file given; ${usage}`
    if (more.length > 0) return `check: takes one file, not ${positionals.length}; ${usage}`
    return { file, json: values.json ?? false }
  } catch (error) {
    return `check: ${error instanceof Error ? (error.message.split('.')[0] ?? '') : error}; ${usage}`
  }
}

async function verdict(file: string, kinds: readonly DeclaredKind[]): Promise<Verdict> {
  const text = await readSource(file)
  if (typeof text !== 'string')
    return { findings: [{ file, line: 1, column: 1, path: '', ...text, severity: 'error' }], summary: '' }
  return isRecipe(text, file) ? checkRecipe(text, file, kinds) : checkConfig(text, file, kinds)
}

/** By what it holds; by its folder where it cannot be read. */
function isRecipe(text: string, file: string): boolean {
  const { value } = parseDocument(text, file)
  const declares = typeof value === 'object' && value !== null && ('hosts' in value || 'services' in value)
  return !declares && (looksLikeRecipe(value) || basename(dirname(file)) === 'recipes')
}

async function checkConfig(text: string, file: string, kinds: readonly DeclaredKind[]): Promise<Verdict> {
  const folder = join(dirname(file), 'recipes')
  const { recipes, findings: fromRecipes } = await loadRecipes(folder, 'own', folder)
  const { cluster, findings } = loadConfig({ text, file, kinds, recipes })
  const all = [...findings, ...fromRecipes]
  if (!cluster) return { findings: all, summary: '' }
  const counts = [count(cluster.hosts, 'host'), count(cluster.services, 'service'), count(recipes, 'recipe')]
  return { findings: [...all, ...recipes.flatMap((one) => tooLarge(one, cluster, kinds))], summary: counts.join(', ') }
}

/** Held against the config it lies beside, if that one is there and valid. */
async function checkRecipe(text: string, file: string, kinds: readonly DeclaredKind[]): Promise<Verdict> {
  const { recipe, findings } = loadRecipe({ text, file, source: 'own' })
  if (!recipe) return { findings, summary: '' }
  const beside = join(dirname(dirname(file)), 'spark.config.yaml')
  const config = basename(dirname(file)) === 'recipes' ? await readSource(beside) : null
  const { recipes } = await loadRecipes(dirname(file), 'own')
  const cluster = typeof config === 'string' ? loadConfig({ text: config, file: beside, kinds, recipes }).cluster : null
  const notes = cluster ? tooLarge(recipe, cluster, kinds) : []
  return { findings: [...findings, ...notes], summary: `recipe ${recipe.id}, ${count(recipe.nodes, 'Spark')}` }
}

function tooLarge({ file, nodes, unrunnable }: Recipe, cluster: Cluster, kinds: readonly DeclaredKind[]): Finding[] {
  const spanning = new Set(kinds.filter(({ manyHosts }) => manyHosts).map(({ kind }) => kind))
  const sizes = cluster.services.filter(({ kind, disabled }) => spanning.has(kind) && !disabled)
  const largest = Math.max(0, ...sizes.map(({ hosts }) => hosts.length))
  if (unrunnable || largest === 0 || nodes <= largest) return []
  const problem = `cannot be launched here: it needs ${count(nodes, 'Spark')}, the largest service has ${largest}`
  const remedy = 'add hosts to a service, or leave it'
  return [{ file, line: 1, column: 1, path: '', problem, remedy, severity: 'note' }]
}

function count(things: number | readonly unknown[], name: string): string {
  const number = typeof things === 'number' ? things : things.length
  return `${number} ${name}${number === 1 ? '' : 's'}`
}
