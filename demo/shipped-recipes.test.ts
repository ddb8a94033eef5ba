import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pinnedUtilization, recipeCommand } from '../core/models/command'
import { sampleFound } from '../core/models/disk/disk.sample'
import { fit } from '../core/models/memory/fit'
import { sampleLedger } from '../core/models/memory/ledger.sample'
import type { Recipe } from '../core/models/recipe'
import { loadRecipes } from '../core/models/recipes/folder'
import { catalogue, demoModels, findModel, writeModels } from './models'
import { parseArguments } from './programs/vllm/arguments/argv'
import { checkLaunch } from './programs/vllm/arguments/check'
import { readLaunch } from './programs/vllm/arguments/launch'
import { checkContext, checkFree, GIB, planBudget } from './programs/vllm/start/budget'
import { readCheckpoint } from './programs/vllm/start/checkpoint'
import { commandLine, demoRecipes } from './recipes'

const folder = join(import.meta.dir, '../recipes')
const { recipes, findings } = await loadRecipes(folder)
const service = { hosts: [], options: {} } as never

/** The share of an idle Spark that a launch gets. */
function shareOf(recipe: Recipe): number {
  const hosts = ['spark-1', 'spark-2'].slice(0, recipe.nodes)
  const model = findModel(recipe.repo)
  const config = { ...model?.config, quantization_config: model?.quantization }
  const found = sampleFound(recipe.repo, { config, weightBytes: model?.bytes ?? 0 })
  const ledgers = hosts.map((host) => sampleLedger(host))
  const verdict = fit({ recipe, service, found: Object.fromEntries(hosts.map((host) => [host, found])), ledgers })
  expect([recipe.id, verdict.fits, verdict.reason]).toEqual([recipe.id, true, null])
  return verdict.utilization ?? 0
}

function launchOf(recipe: Recipe, share = 0.5) {
  const nodes = recipe.nodes > 1 ? ['--nnodes', String(recipe.nodes)] : []
  const parsed = parseArguments([...wordsOf(recipe, share), ...nodes])
  return readLaunch(parsed, parsed.environment)
}

/** What is launched, with a share of memory where the recipe pins none. */
function wordsOf(recipe: Recipe, share: number): string[] {
  return recipeCommand(recipe, { port: 8888, utilization: pinnedUtilization(recipe) === null ? share : null })
}

test('every recipe loads without a finding, and can be launched', () => {
  expect(findings).toEqual([])
  expect(recipes.length).toBeGreaterThanOrEqual(20)
  expect(recipes.filter(({ unrunnable }) => unrunnable !== null)).toEqual([])
})

test('every recipe is one vllm serve of its own model, on the port that it is given, with nothing for a shell to expand', () => {
  for (const recipe of recipes) {
    expect(recipe.command).toStartWith(`vllm serve ${recipe.repo} `)
    expect(recipe.command).not.toMatch(/[$`;&|<>]/)
    expect(launchOf(recipe)).toMatchObject({ model: recipe.repo, port: 8888, host: '0.0.0.0' })
    expect(recipe.defaults.port).toBe(8000)
  }
})

test('the demo types a recipe as the program launches it', () => {
  for (const typed of demoRecipes(folder)) {
    const recipe = recipes.find(({ id }) => id === typed.id)
    if (!recipe) throw new Error(`${typed.id}: not among the recipes`)
    const line = commandLine(typed, 8888, 0.5)
    const { stdout } = Bun.spawnSync(['/bin/sh', '-c', `set -f; printf '%s\\0' ${line}`])
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(wordsOf(recipe, 0.5))
  }
})

test('every recipe says what it can do, and one that sees caps its images', () => {
  for (const recipe of recipes) {
    const { id, capabilities } = recipe
    const launch = launchOf(recipe)
    const sees = findModel(recipe.repo)?.config.vision_config !== undefined
    expect([id, capabilities[0]]).toEqual([id, launch.pooling ? expect.stringMatching(/^(embed|rerank)$/) : 'chat'])
    expect([id, capabilities.includes('reasoning')]).toEqual([id, launch.reasoningParser !== null])
    expect([id, capabilities.includes('tools')]).toEqual([id, launch.autoTools])
    expect([id, capabilities.includes('vision')]).toEqual([id, sees && !launch.pooling])
    if (sees) expect([id, launch.imageLimits.capped]).toEqual([id, true])
  }
})

test('a share of memory is pinned by few recipes, each of which says why', () => {
  const pinned = recipes.filter((recipe) => pinnedUtilization(recipe) !== null)
  expect(pinned.map(({ id }) => id)).toEqual([
    'deepseek-v4-flash',
    'llama-3.1-8b-fp8',
    'minimax-m2.7-awq',
    'qwen3.6-35b-a3b-nvfp4',
  ])
  for (const { text } of pinned) expect(text).toMatch(/^#.*pinned/m)
})

test('the hub of the demo has the model of every recipe, and its hosts hold what launches of most take', () => {
  const held = ({ repo, nodes }: Recipe) =>
    demoModels.some(
      (model) =>
        model.repo === repo && !model.held && [0, 1].slice(0, nodes).every((host) => model.hosts.includes(host)),
    )
  expect(recipes.filter(({ repo }) => !catalogue.some((model) => model.repo === repo))).toEqual([])
  expect(recipes.filter((recipe) => !held(recipe)).map(({ id }) => id)).toEqual([
    'deepseek-v4-flash',
    'gpt-oss-20b',
    'nemotron-3-super-120b-a12b-nvfp4',
    'qwen3-235b-a22b-nvfp4',
    'qwen3-reranker-4b',
    'qwen3-vl-embedding-8b',
    'qwen3.5-122b-a10b-int4-autoround',
    'qwen3.5-122b-a10b-nvfp4',
    'qwen3.6-35b-a3b-fp8',
    'qwen3.6-35b-a3b-nvfp4-redhat',
  ])
})

test('every recipe fits idle Sparks with the share that is computed for it, and the simulated engine starts with that', () => {
  const hub = mkdtempSync(join(tmpdir(), 'hub-'))
  for (const recipe of recipes) {
    const launch = launchOf(recipe, shareOf(recipe))
    const drafter = launch.speculative?.model
    writeModels(hub, [recipe.repo, ...(drafter ? [drafter] : [])], { whole: true })
    const model = readCheckpoint(recipe.repo, { HF_HUB_CACHE: hub })
    expect(checkLaunch(launch)).toBeNull()
    expect(checkFree(launch, 110 * GIB)).toBeUndefined()
    expect(planBudget(launch, model, checkContext(launch, model, false)).maxModelLen).toBe(
      Number(recipe.defaults.max_model_len),
    )
  }
  rmSync(hub, { recursive: true })
})
