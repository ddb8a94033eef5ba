import { expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { catalogue, demoModels, writeModels } from './models'
import { parseArguments } from './programs/vllm/arguments/argv'
import { checkLaunch } from './programs/vllm/arguments/check'
import { readLaunch } from './programs/vllm/arguments/launch'
import { checkContext, checkFree, GIB, planBudget } from './programs/vllm/start/budget'
import { readCheckpoint } from './programs/vllm/start/checkpoint'
import { commandLine, demoRecipes } from './recipes'

const folder = join(import.meta.dir, '../recipes')
const recipes = demoRecipes(folder)
const blocks = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name.replace('.yaml', ''), parse(readFileSync(join(folder, name), 'utf8'))]),
)

/** The words that a shell makes of a recipe's command. */
function words(command: string): string[] {
  const { stdout } = Bun.spawnSync(['/bin/sh', '-c', `set -f; printf '%s\\0' ${command}`])
  return stdout.toString().split('\0').slice(0, -1)
}

const launchOf = (recipe: (typeof recipes)[number]) => {
  const parsed = parseArguments(words(commandLine(recipe, 8888)))
  const nodes = recipe.clusterOnly ? ['--nnodes', '2'] : []
  return readLaunch(parseArguments([...words(commandLine(recipe, 8888)), ...nodes]), parsed.environment)
}

test('every recipe is one vllm serve of its own model, on the port that it is given, with nothing for a shell to expand', () => {
  expect(recipes.length).toBeGreaterThanOrEqual(8)
  for (const recipe of recipes) {
    expect(recipe.command).toStartWith(`vllm serve ${recipe.repo} `)
    expect(recipe.command).not.toMatch(/[$`;&|<>]/)
    expect(launchOf(recipe)).toMatchObject({ model: recipe.repo, port: 8888, host: '0.0.0.0' })
    expect(recipe.defaults.port).toBe(8000)
  }
})

test('every recipe says what it can do, and one that sees caps its images', () => {
  for (const recipe of recipes) {
    const { capabilities } = blocks.get(recipe.id).spark_control
    const launch = launchOf(recipe)
    expect(capabilities).toContain('chat')
    expect(capabilities.includes('reasoning')).toBe(launch.reasoningParser !== null)
    expect(capabilities.includes('tools')).toBe(launch.autoTools)
    const model = catalogue.find(({ repo }) => repo === recipe.repo)
    expect(capabilities.includes('vision')).toBe(model?.config.vision_config !== undefined)
    if (capabilities.includes('vision')) expect(launch.imageLimits.capped).toBe(true)
  }
})

test('the demo holds the model of every recipe but one, on all hosts that its launch needs', () => {
  const held = (repo: string, hosts: number[]) =>
    demoModels.some((model) => model.repo === repo && hosts.every((host) => model.hosts.includes(host)))
  const missing = recipes.filter((recipe) => !held(recipe.repo, recipe.clusterOnly ? [0, 1] : [0]))
  expect(missing.map(({ id }) => id)).toEqual(['gpt-oss-20b'])
})

test('every recipe fits the memory of its Sparks', () => {
  const hub = mkdtempSync(join(tmpdir(), 'hub-'))
  for (const recipe of recipes) {
    const launch = launchOf(recipe)
    writeModels(hub, [recipe.repo, ...(launch.speculative?.model ? [launch.speculative.model] : [])])
    const model = readCheckpoint(recipe.repo, { HF_HUB_CACHE: hub })
    expect(checkLaunch(launch)).toBeNull()
    expect(checkFree(launch, 110 * GIB)).toBeUndefined()
    expect(planBudget(launch, model, checkContext(launch, model, false)).maxModelLen).toBe(
      Number(recipe.defaults.max_model_len),
    )
  }
  rmSync(hub, { recursive: true })
})
