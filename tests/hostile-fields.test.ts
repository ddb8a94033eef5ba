import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { stringify } from 'yaml'
import type { Cluster, Host, Service } from '../core/config/cluster'
import { loadConfig } from '../core/config/load'
import { launchCluster } from '../core/launchers/launch-cluster'
import type { Recipe } from '../core/models/recipe'
import { loadRecipe } from '../core/models/recipe-file'
import { loadKinds } from '../handlers/kinds'
import { arrived, canariesIn } from './arrived'
import { small, type TestCluster, testCluster } from './cluster'
import { hostileTexts, recipeWord } from './hostile'

const canary = `canary-${process.pid}`
const texts = hostileTexts(canary)
const model = 'nvidia/Llama-3.1-8B-Instruct-FP8'
const kinds = await loadKinds()
let spark: TestCluster

setDefaultTimeout(60_000)
beforeAll(async () => {
  spark = await testCluster()
  await spark.settled()
})
afterAll(async () => {
  try {
    expect(canariesIn(spark.cluster.directory, canary)).toEqual([])
    expect(existsSync(canary)).toBe(false)
  } finally {
    await spark.stop()
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
      const argv = launchCluster.work({ recipe, service, utilization: null, memory: {}, weights: null }).start
      if (fields.env) expect(argv).toContain(`X=${text}`)
      if (fields.command?.includes('--hf')) expect(argv.at(-3)).toBe(`--hf=${text}`)
      argvs.push(argv)
    }
  }
  expect(argvs.length).toBeGreaterThan(500)
  const words = argvs.flat()
  expect(await arrived(spark, words)).toEqual(words)
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

const held: [string, (text: string) => [method: string, path: string, body?: unknown]][] = [
  ['recipe of a swap', (text) => ['POST', '/api/swap', { recipe: text }]],
  ['recipe of a plan', (text) => ['POST', '/api/swap/plan', { recipe: text }]],
  ['service of a swap', (text) => ['POST', '/api/swap', { recipe: small, service: text }]],
  ['job', (text) => ['GET', `/api/swap/${encodeURIComponent(text)}`]],
  ['job to cancel', (text) => ['DELETE', `/api/jobs/${encodeURIComponent(text)}`]],
  ['host', (text) => ['POST', `/api/hosts/${encodeURIComponent(text)}/connect`]],
  ['host key', (text) => ['POST', '/api/hosts/spark-1/host-key', { fingerprint: text }]],
  ['service', (text) => ['GET', `/api/services/${encodeURIComponent(text)}`]],
  ['page of a service', (text) => ['GET', `/ui/services/${encodeURIComponent(text)}`]],
  ['model of a chat', (text) => ['POST', '/v1/chat/completions', { model: text, messages: [] }]],
  ['model of embeddings', (text) => ['POST', '/v1/embeddings', { model: text, input: 'x' }]],
]

test.each(held)('HTTP: every hostile text as %s is refused, and none of it is done', async (_name, asked) => {
  // What names nothing: dot segments and empty ids are other paths, not other ids.
  const taken: [string, number][] = []
  for (const text of texts.filter((each) => each !== '')) {
    const answer = await spark.ask(...asked(text))
    if (![400, 404, 409, 422].includes(answer.status)) taken.push([text, answer.status])
    await answer.body?.cancel()
  }
  expect(taken).toEqual([])
})

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
    { command: `vllm serve ${model} ${recipeWord(`--hf=${text}`)} --port {port}` },
    { command: `vllm serve ${model} ${text}` },
    { command: `vllm serve ${model} --revision {x}`, defaults: { x: text } },
    { command: `vllm serve ${model} --revision "{x}"`, defaults: { x: text } },
  ]
}

function recipeOf(fields: Fields): Recipe | null {
  const recipe = { recipe_version: '1', name: 'Hostile', model, container: 'vllm-node', command: `vllm serve ${model}` }
  return loadRecipe({ text: stringify({ ...recipe, ...fields }), file: 'recipes/hostile.yaml', source: 'own' }).recipe
}
