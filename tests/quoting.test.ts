import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'
import { shellText } from '../core/cluster/shell'
import type { Cluster, Host, Service } from '../core/config/cluster'
import { loadConfig } from '../core/config/load'
import type { Recipe } from '../core/models/recipe'
import { loadRecipe } from '../core/models/recipe-file'
import { startLaunch } from '../core/swap/job-directory'
import { launchClusterCommand, proofCommand, stopCommands } from '../core/swap/launch'
import { loadKinds } from '../handlers/kinds'
import { type TestCluster, testCluster, until } from './cluster'
import { hostileTexts } from './hostile'

const canary = `canary-${process.pid}`
const texts = hostileTexts(canary)
const oneLine = texts.filter((text) => [...text].every((char) => char >= ' ' && char !== '\x7f'))
// One SSH command holds 32 kB: of the whole list every sixth text goes through a recipe's arguments, another sixth through its variables.
const asArguments = texts.filter((_, index) => index % 6 === 0)
const asVariables = oneLine.filter((_, index) => index % 6 === 1)
const nasty = `{"a": [1, "two words"], 'b': "it's"} $HOME $(touch ${canary}) \`touch ${canary}\` \\ \\\\ \n *.yaml ? ~ ;&|<>#!`
const model = 'nvidia/Llama-3.1-8B-Instruct-FP8'
const scratch = mkdtempSync(join(tmpdir(), 'spark-quoting-'))
const kinds = await loadKinds()
let spark: TestCluster

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster({ recipes: hostileRecipes() })
  await spark.settled()
})
afterAll(async () => {
  try {
    expect(canaries(spark.cluster.directory)).toEqual([])
    expect(canaries(scratch)).toEqual([])
    expect(existsSync(canary)).toBe(false)
  } finally {
    await spark.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
})

test('there are over 500 hostile texts, all different', () => {
  expect(texts.length).toBeGreaterThan(500)
  expect(new Set(texts).size).toBe(texts.length)
})

test.each(['sh', 'bash', 'dash'].filter((shell) => Bun.which(shell)))(
  'shellText() brings every hostile text through %s as it is',
  async (shell) => {
    const line = shellText(['printf', '%s\\0', ...texts])
    const child = Bun.spawn([shell, '-c', line], { cwd: scratch, stdout: 'pipe', stderr: 'pipe' })
    expect((await new Response(child.stdout).text()).split('\0').slice(0, -1)).toEqual(texts)
    expect(await new Response(child.stderr).text()).toBe('')
    expect(readdirSync(scratch).filter((name) => name !== 'recipes')).toEqual([])
  },
)

test('every hostile text comes through SSH as it is', async () => {
  expect(await echoed(texts)).toEqual(texts)
})

test('a recipe full of quotes, blanks, newlines and commands arrives in the container word for word', async () => {
  expect((await spark.swap('hostile')).state).toBe('done')
  const pid = spark.cluster.processes().find(({ service }) => service === 'llm')?.pid
  const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  const after = (flag: string) => argv[argv.indexOf(flag) + 1]
  expect(after('--response-role')).toBe(nasty)
  expect(JSON.parse(after('--hf-overrides') ?? '')).toEqual({ texts: asArguments })
  expect(argv.filter((word) => word.startsWith('--revision='))).toEqual([`--revision=${nasty}`])
  expect(after('--served-model-name')).toBe(model)
  expect(after('--port')).toBe(String(spark.cluster.ports.llm))
  const environment = new Set(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'))
  const sent = asVariables.map((text, index) => `HOSTILE_${index}=${text}`)
  expect(sent.filter((each) => !environment.has(each))).toEqual([])
})

test('a hostile launcher folder and job are only ever names', async () => {
  const live = spark.plane.runtime.hosts.get('spark-1')
  const home = spark.cluster.hosts[0]?.home ?? ''
  const folders = oneLine.filter((text) => fits('launcher', text) && text.startsWith('~/')).slice(0, 12)
  expect(folders).toHaveLength(12)
  const argv = ['./launch-cluster.sh', ...texts.slice(0, 200)]
  for (const [index, launcher] of folders.entries()) {
    const folder = join(home, launcher.slice(2))
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, 'launch-cluster.sh'),
      '#!/bin/sh\nprintf "%s\\0" "$@" >arrived.tmp; mv arrived.tmp arrived; exit 3\n',
      {
        mode: 0o755,
      },
    )
    if (live) await startLaunch(live, `quoting-${index}`, launcher, 'vllm_node', argv)
    await until(`${launcher} to be run`, () => existsSync(join(folder, 'arrived')) || null)
    expect(readFileSync(join(folder, 'arrived'), 'utf8').split('\0').slice(0, -1)).toEqual(argv.slice(1))
  }
})

const hostFields = ['address', 'user', 'launcher', 'fabric', 'title'] as const
const serviceFields = ['container', 'model', 'title', 'user'] as const

test.each(hostFields)('hosts.*.%s: every hostile text is refused by check or stays what it is', (field) => {
  for (const text of texts) {
    const host = field === 'title' ? declared({ title: text })?.hosts[0] : declared({ [field]: text })?.hosts[0]
    if (host && text !== '') expect(host[field]).toBe(text)
  }
})

test.each(serviceFields)('services.*.%s: every hostile text is refused by check or stays what it is', (field) => {
  for (const text of texts) {
    const service = declared({}, { [field]: text })?.services[0]
    const kept = field === 'user' ? service?.options.user : service?.[field]
    if (service && text !== '') expect(kept).toBe(text)
  }
})

test('no hostile text is an id of a host or a service, a login name, an address or a container', () => {
  const free = /^[a-z0-9_][a-z0-9._-]*$/i
  for (const text of texts.filter((each) => each !== '' && !free.test(each))) {
    for (const field of ['address', 'user', 'fabric'] as const) expect([text, fits(field, text)]).toEqual([text, false])
    expect([text, declared({}, { container: text })]).toEqual([text, null])
    const named = { hosts: { [text]: { address: '192.0.2.1', user: 'spark' } } }
    expect([text, loaded(named)]).toEqual([text, null])
    const service = { ...sound(), services: { [text]: { kind: 'vllm', host: 'spark-1' } } }
    expect([text, loaded(service)]).toEqual([text, null])
  }
})

test('recipes: every hostile image, mod, variable, value, command and repo is refused or arrives word for word', async () => {
  const service = declared()?.services[0] as Service
  const argvs: string[][] = []
  for (const text of texts) {
    for (const fields of variants(text)) {
      const recipe = recipeOf(fields)
      if (!recipe || recipe.unrunnable) continue
      const argv = launchClusterCommand(recipe, service)
      if (fields.env) expect(argv).toContain(`X=${text}`)
      if (fields.command?.includes('--hf')) expect(argv.at(-3)).toBe(`--hf=${text}`)
      argvs.push(argv)
    }
  }
  expect(argvs.length).toBeGreaterThan(500)
  const words = argvs.flat()
  expect(await echoed(words)).toEqual(words)
})

test('a hostile image, mod, variable name or repo is never taken', () => {
  const plain = /^[A-Za-z0-9_~/][A-Za-z0-9._/:@+-]*$/
  for (const text of texts.filter((each) => !plain.test(each))) {
    expect([text, recipeOf({ container: text })]).toEqual([text, null])
    expect([text, recipeOf({ mods: [text] })]).toEqual([text, null])
    expect([text, recipeOf({ env: { [text]: '1' } })]).toEqual([text, null])
    if (text !== '') expect([text, recipeOf({ model: text })]).toEqual([text, null])
  }
})

test('what stops and looks at a container takes its name as a name', async () => {
  const names = texts.map((text) => `x${text}`)
  const words = names.flatMap((name) => [...stopCommands(name), proofCommand(name)]).flat()
  expect(await echoed(words)).toEqual(words)
})

const held: [string, (text: string) => [method: string, path: string, body?: unknown]][] = [
  ['recipe of a swap', (text) => ['POST', '/api/swap', { recipe: text }]],
  ['recipe of a plan', (text) => ['POST', '/api/swap/plan', { recipe: text }]],
  ['service of a swap', (text) => ['POST', '/api/swap', { recipe: 'hostile', service: text }]],
  ['job', (text) => ['GET', `/api/swap/${encodeURIComponent(text)}`]],
  ['job to cancel', (text) => ['DELETE', `/api/jobs/${encodeURIComponent(text)}`]],
  ['host', (text) => ['POST', `/api/hosts/${encodeURIComponent(text)}/connect`]],
  ['host key', (text) => ['POST', '/api/hosts/spark-1/host-key', { fingerprint: text }]],
  ['service', (text) => ['GET', `/api/services/${encodeURIComponent(text)}`]],
  ['page of a service', (text) => ['GET', `/ui/services/${encodeURIComponent(text)}`]],
  ['model of a chat', (text) => ['POST', '/v1/chat/completions', { model: text, messages: [] }]],
  ['model of embeddings', (text) => ['POST', '/v1/embeddings', { model: text, input: 'x' }]],
]

test.each(held)(
  'HTTP: every hostile text as %s is refused, and none of it is done',
  async (_name, asked) => {
    // What names nothing: dot segments and empty ids are other paths, not other ids.
    const taken: [string, number][] = []
    for (const text of texts.filter((each) => each !== '')) {
      const answer = await spark.ask(...asked(text))
      if (![400, 404, 409, 422].includes(answer.status)) taken.push([text, answer.status])
      await answer.body?.cancel()
    }
    expect(taken).toEqual([])
  },
  60_000,
)

function sound() {
  return {
    hosts: { 'spark-1': { address: '192.0.2.11', user: 'spark', launcher: '~/spark-vllm-docker' } },
    services: { llm: { kind: 'vllm', host: 'spark-1', port: 8888, container: 'vllm_node' } },
  }
}

function declared(host: Partial<Record<keyof Host, string>> = {}, service: Record<string, string> = {}) {
  const { hosts, services } = sound()
  return loaded({
    hosts: { 'spark-1': { ...hosts['spark-1'], ...host } },
    services: { llm: { ...services.llm, ...service } },
  })
}

function loaded(config: object): Cluster | null {
  return loadConfig({ text: stringify(config), file: 'spark.config.yaml', kinds, recipes: [] }).cluster
}

function fits(field: (typeof hostFields)[number], text: string): boolean {
  return declared({ [field]: text }) !== null
}

interface Fields {
  container?: string
  model?: string
  mods?: string[]
  env?: Record<string, string>
  command?: string
  defaults?: Record<string, string>
}

function variants(text: string): Fields[] {
  return [
    { container: text },
    { mods: [text] },
    { env: { X: text } },
    { command: `vllm serve ${model} ${word(`--hf=${text}`)} --port {port}` },
    { command: `vllm serve ${model} ${text}` },
    { command: `vllm serve ${model} --revision {x}`, defaults: { x: text } },
    { command: `vllm serve ${model} --revision "{x}"`, defaults: { x: text } },
  ]
}

function recipeOf(fields: Fields): Recipe | null {
  const recipe = { recipe_version: '1', name: 'Hostile', model, container: 'vllm-node', command: `vllm serve ${model}` }
  return loadRecipe({ text: stringify({ ...recipe, ...fields }), file: 'recipes/hostile.yaml', source: 'own' }).recipe
}

/** One argument as a recipe's command writes it. */
function word(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`.replaceAll('{', '{{').replaceAll('}', '}}')
}

function hostileRecipes(): string {
  const folder = join(scratch, 'recipes')
  mkdirSync(folder)
  const command = [
    `vllm serve ${model} --served-model-name ${model} --port {port} --host {host} --gpu-memory-utilization 0.3`,
    `--response-role ${word(nasty)}`,
    word(`--revision=${nasty}`),
    `--hf-overrides ${word(JSON.stringify({ texts: asArguments }))}`,
  ]
  const recipe = {
    recipe_version: '1',
    name: 'Hostile',
    model,
    container: 'vllm-node',
    env: Object.fromEntries(asVariables.map((text, index) => [`HOSTILE_${index}`, text])),
    command: `${command.join(' ')}\n`,
  }
  writeFileSync(join(folder, 'hostile.yaml'), stringify(recipe))
  return folder
}

/** Words as a program on the Spark gets them; in pieces, for one SSH command holds 32 kB. */
async function echoed(words: string[]): Promise<string[]> {
  const live = spark.plane.runtime.hosts.get('spark-1')
  const arrived: string[] = []
  for (let index = 0; index < words.length; index += 200) {
    const command = ['printf', '%s\\0', ...words.slice(index, index + 200)]
    const { stdout } = (await live?.run(command)) ?? { stdout: '' }
    arrived.push(...stdout.split('\0').slice(0, -1))
  }
  return arrived
}

function canaries(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => basename(name) === canary)
}
