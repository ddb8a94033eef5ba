import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { AttentionView, ClusterView, HostView } from '../core/cluster/snapshot'
import type { JobView } from '../core/jobs/job'
import { usablePort } from '../demo/machine/ports'
import type { RunningProcess } from '../demo/running'
import { type TestCluster, testCluster, until } from './cluster'

// Shares of a Spark's memory: three small ones fit beside each other, a large one beside one of them.
const models = {
  first: ['nvidia/Llama-3.1-8B-Instruct-FP8', 0.25],
  second: ['Qwen/Qwen3-8B', 0.25],
  third: ['nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4', 0.25],
  large: ['nvidia/Qwen3.6-35B-A3B-NVFP4', 0.55],
} as const
const services = ['llm', 'side', 'spare'] as const
const folder = mkdtempSync(join(tmpdir(), 'spark-several-'))
let spark: TestCluster

setDefaultTimeout(60_000)

beforeAll(async () => {
  for (const [id, [model, share]] of Object.entries(models)) {
    const command = `vllm serve ${model} --port {port} --gpu-memory-utilization ${share} --max-model-len 8192`
    const recipe = { recipe_version: '1', name: id, model, container: 'vllm-node', command }
    writeFileSync(join(folder, `${id}.yaml`), stringify(recipe))
  }
  spark = await testCluster({ hosts: 1, recipes: folder, config: withServices })
  await spark.settled()
})
afterAll(async () => {
  await spark.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  for (const service of services) await swap(null, { service })
})
afterEach(() => spark.cluster.faults.clear())

test('models of several services run side by side, each is reached by its name, and unloading one leaves the other', async () => {
  await load('first', 'llm')
  await load('second', 'side')
  expect(running()).toEqual(['llm first', 'side second'])
  const { models: loaded, model } = await cluster()
  expect(loaded.map(({ service, recipe }) => [service, recipe])).toEqual([
    ['llm', 'first'],
    ['side', 'second'],
  ])
  expect(model?.recipe).toBe('first')
  for (const id of ['first', 'second'] as const) {
    for (const name of [id, models[id][0]]) {
      const answer = await chat(name)
      expect([answer.status, answer.headers.get('x-spark-model')]).toEqual([200, models[id][0]])
    }
  }
  await swap(null, { service: 'llm' })
  expect(running()).toEqual(['side second'])
  expect((await chat('second')).status).toBe(200)
})

test('a swap that names no service finds the one where its model is loaded', async () => {
  await load('second', 'side')
  const answer = await spark.ask('POST', '/api/swap', { recipe: 'second' })
  expect([answer.status, await answer.json()]).toMatchObject([200, { job: null, model: { service: 'side' } }])
})

test('what does not fit beside the others is refused with which of them would have to end, and nothing ends', async () => {
  await load('first', 'llm')
  await load('second', 'side')
  const answer = await spark.ask('POST', '/api/swap', { recipe: 'large', service: 'spare' })
  const { error } = await answer.json()
  expect(answer.status).toBe(422)
  expect(error.reason).toContain('make room by ending first (llm)')
  expect(error.would_end).toEqual([{ service: 'llm', recipe: 'first', repo: models.first[0], hosts: ['spark-1'] }])
  const plan = await (await spark.ask('POST', '/api/swap/plan', { recipe: 'large', service: 'spare' })).json()
  expect(plan).toMatchObject({ possible: false, reason: error.reason, would_end: error.would_end })
  expect(running()).toEqual(['llm first', 'side second'])
})

test('with make_room the model that was used least recently ends, and no other', async () => {
  await load('first', 'llm')
  await load('second', 'side')
  await chat('first')
  const asked = { recipe: 'large', service: 'spare', make_room: true }
  const plan = await (await spark.ask('POST', '/api/swap/plan', asked)).json()
  expect(plan).toMatchObject({ possible: true, makes_room: true, stops: [{ service: 'side', recipe: 'second' }] })
  const view = await swap('large', { service: 'spare', make_room: true })
  expect(view).toMatchObject({ state: 'done', error: null, makes_room: [{ service: 'side', recipe: 'second' }] })
  expect(running()).toEqual(['llm first', 'spare large'])
  expect((await chat('first')).status).toBe(200)
  const attention = (await (await spark.ask('GET', '/api/attention')).json()) as AttentionView[]
  expect(attention.filter(({ text }) => text.includes('no longer loaded'))).toEqual([])
})

test('a swap of one’s own model counts what that gives back, not what the others hold', async () => {
  await load('first', 'llm')
  await load('large', 'side')
  const plan = await (await spark.ask('POST', '/api/swap/plan', { recipe: 'second', service: 'llm' })).json()
  expect(plan).toMatchObject({ possible: true, makes_room: false })
  const [, share] = models.second
  // One half of what is there is the other model's.
  expect(plan.memory['spark-1'].available_bytes).toBeLessThan(0.45 * 121.69 * 2 ** 30)
  expect(plan.memory['spark-1'].available_bytes).toBeGreaterThan(share * 121.69 * 2 ** 30)
})

test('a swap that made room and fails brings back what ended', async () => {
  await load('first', 'llm')
  await load('second', 'side')
  await load('third', 'spare')
  await spark.cluster.faults.recipe('large', 'fail-at-load')
  const view = await swap('large', { service: 'spare', make_room: true })
  expect(view).toMatchObject({ state: 'rolled_back', result: 'previous', error: { code: 'out_of_memory' } })
  expect(view.makes_room).toHaveLength(1)
  expect(running()).toEqual(['llm first', 'side second', 'spare third'])
})

async function withServices(text: string): Promise<string> {
  const address = /address: ([\d.]+)/.exec(text)?.[1] ?? ''
  const lines = services
    .slice(1)
    .map(
      async (id) => `  ${id}: { kind: vllm, host: spark-1, port: ${await usablePort(address, 0)}, container: ${id} }\n`,
    )
  return text.replace(/^ {2}embed:/m, `${(await Promise.all(lines)).join('')}  embed:`)
}

async function load(recipe: keyof typeof models, service: string) {
  const { state, error, ended_at: end } = await swap(recipe, { service })
  expect([state, error]).toEqual(['done', null])
  // Figures come once a second; a real load takes longer than that.
  await until('the memory to be seen as it is now', async () => {
    const { facts } = (await (await spark.ask('GET', '/api/hosts/spark-1')).json()) as HostView
    return Date.parse(facts?.seen_at ?? '') > Date.parse(end ?? '') + 1000 ? true : null
  })
}

/** Swaps and waits for its end; null where there was nothing to do. */
async function swap(recipe: string | null, more: { service: string; make_room?: boolean }): Promise<JobView> {
  return until(`${recipe} to be swapped to`, async () => {
    const answer = await spark.ask('POST', '/api/swap', { recipe, ...more })
    const { job, error } = await answer.json()
    if (error) throw new Error(`${recipe}: ${answer.status} ${error.message}; it was to be swapped to`)
    return job === null ? ({ state: 'done', error: null } as JobView) : spark.ended(job)
  })
}

async function cluster(): Promise<ClusterView> {
  return (await spark.ask('GET', '/api/cluster')).json()
}

/** Service and recipe of every server. */
function running(): string[] {
  const servers = spark.cluster.processes().filter(({ model }: RunningProcess) => model !== undefined)
  return servers.map(({ service, recipe }) => `${service} ${recipe}`).toSorted()
}

function chat(model: string): Promise<Response> {
  const messages = [{ role: 'user', content: 'Hello' }]
  return spark.ask('POST', '/v1/chat/completions', { model, messages, max_tokens: 8 })
}
