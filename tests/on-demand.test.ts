import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { appendFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import OpenAI from 'openai'
import type { JobView } from '../core/jobs/job'
import { large, small, type TestCluster, testCluster, until } from './cluster'
import { serverSent } from './server-sent'

const kept = 'glm-4.7-flash-awq'
const idling = 'qwen3.6-27b-nvfp4'
const failing = 'nemotron-3-nano-30b-a3b-nvfp4'
const byHand = 'gemma-4-26b-a4b-nvfp4'
const hello = [{ role: 'user' as const, content: 'Hello' }]
let spark: TestCluster
let openai: OpenAI

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster({
    config(text, { configPath }) {
      const own = (recipe: string, ...lines: string[]) =>
        appendFileSync(
          join(dirname(configPath), 'recipes', `${recipe}.yaml`),
          lines.map((each) => `  ${each}\n`).join(''),
        )
      for (const recipe of [small, large, failing]) own(recipe, 'on_demand: true', 'min_loaded_s: 0')
      own(idling, 'on_demand: true', 'min_loaded_s: 0', 'idle_unload_s: 1')
      own(kept, 'keep: true')
      own(byHand, 'min_loaded_s: 0')
      return text
    },
  })
  await spark.settled()
  openai = new OpenAI({ baseURL: `${spark.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(() => spark.stop())
beforeEach(() => spark.load(null))
afterEach(async () => {
  await spark.cluster.faults.clear()
  await spark.ask('DELETE', '/api/swap/lock?force=true')
})

test('GET /v1/models tells which models are loaded on demand', async () => {
  const { data } = await openai.models.list()
  const onDemand = new Map(data.map((each) => [each.id, (each as { on_demand?: boolean }).on_demand]))
  expect([onDemand.get(small), onDemand.get(kept), onDemand.get('embed')]).toEqual([true, false, false])
})

test('twenty requests for a model that is not loaded are one swap, and all are answered by it', async () => {
  const before = await swaps()
  const answers = await Promise.all(Array.from({ length: 20 }, () => say(small)))
  for (const { choices } of answers) expect(choices[0]?.message.content?.length).toBeGreaterThan(0)
  const since = await swaps()
  expect(since.length - before.length).toBe(1)
  expect(since[0]).toMatchObject({ recipe: small, by: 'demand', state: 'done' })
})

test('a request that waits longer than it wants to is told by 503 which job loads it, how far it is and when to come again', async () => {
  await spark.cluster.faults.recipe(small, 'stall-at-load')
  const { status, headers, error } = await refusal(small, { 'X-Wait': '1' })
  const swap = await current()
  expect({ status, code: error.code, job: error.job }).toEqual({ status: 503, code: 'model_loading', job: swap.id })
  expect(swap).toMatchObject({ recipe: small, by: 'demand' })
  expect(Number(headers?.get('retry-after'))).toBe(error.eta_s ?? 0)
  expect(error.eta_s).toBeGreaterThanOrEqual(1)
  expect(error.progress).toBeWithin(0, 1)
  const waiting = refusal(small, { 'X-Wait': '600' })
  await spark.ask('DELETE', `/api/swap/${swap.id}`)
  await spark.ended(swap.id)
  expect((await waiting).error).toMatchObject({ code: 'model_not_loaded', job: swap.id })
  // Whoever cancelled it does not want it; a person who swaps to it does.
  expect((await refusal(small)).error.reason).toContain('it was cancelled')
  await spark.cluster.faults.clear()
  await spark.load(small)
  await spark.load(null)
  expect((await say(small)).choices).toHaveLength(1)
})

test('what is asked for while somebody holds the lock waits, leaves with its client, and is loaded for the holder alone', async () => {
  const before = await swaps()
  const lock = await (
    await spark.ask('POST', '/api/swap/lock', { holder: 'Alice', reason: 'a test', ttl_s: 600 })
  ).json()
  const { error } = await refusal(small, { 'X-Wait': '0' })
  expect(error).toMatchObject({ code: 'model_loading', job: null, place: 1, reason: 'swaps are locked by Alice' })
  const leaving = new AbortController()
  const left = openai.chat.completions
    .create({ model: large, messages: hello }, { signal: leaving.signal, headers: { 'X-Wait': '600' } })
    .catch((gone) => gone)
  await until('it to wait', () => (queued(large) ? true : null))
  leaving.abort()
  expect(await left).toBeInstanceOf(OpenAI.APIUserAbortError)
  await until('it to leave', () => (queued(large) ? null : true))
  expect((await say(small, { 'X-Swap-Token': lock.token })).choices).toHaveLength(1)
  await spark.ask('DELETE', '/api/swap/lock', undefined, { 'X-Swap-Token': lock.token })
  const since = await swaps()
  expect(since.slice(0, since.length - before.length).map(({ recipe }) => recipe)).toEqual([small])
})

test('whoever does not wait at all is told to come again, and finds its model loaded', async () => {
  const { error } = await refusal(small, { 'X-Wait': '0' })
  expect(error).toMatchObject({ code: 'model_loading', progress: null, place: 1 })
  await until('it to be loaded', async () => {
    const { recipe, by, state } = await current()
    return recipe === small && by === 'demand' && state === 'done' ? true : null
  })
  expect((await say(small, { 'X-Wait': '0' })).choices).toHaveLength(1)
  expect(queued(small)).toBe(false)
})

test('a path that a model can not answer on loads nothing', async () => {
  const before = await swaps()
  const answer = await spark.ask('POST', '/v1/embeddings', { model: small, input: ['Hello'] })
  expect({ status: answer.status, code: (await answer.json()).error.code }).toEqual({
    status: 404,
    code: 'model_not_found',
  })
  expect(await swaps()).toHaveLength(before.length)
})

test('a model that is kept is ended by nobody who asks', async () => {
  await spark.load(kept)
  const { status, error } = await refusal(small)
  expect({ status, code: error.code }).toEqual({ status: 503, code: 'model_not_loaded' })
  expect(error.reason).toBe(`${kept} runs in llm and is kept`)
  const body = { model: small, messages: hello, stream: true }
  expect((await spark.ask('POST', '/v1/chat/completions', body, { 'X-Loading': 'reasoning' })).status).toBe(503)
  expect((await current()).recipe).toBe(kept)
})

test('a stream that asked for it tells of the load as reasoning, then is the model’s own', async () => {
  const stream = await openai.chat.completions.create(
    { model: small, messages: hello, max_tokens: 8, stream: true },
    { headers: { 'X-Loading': 'reasoning' } },
  )
  const told: string[] = []
  const words: string[] = []
  for await (const { choices } of stream) {
    const delta = choices[0]?.delta as { reasoning_content?: string; content?: string } | undefined
    if (delta?.reasoning_content) told.push(delta.reasoning_content)
    if (delta?.content) words.push(delta.content)
  }
  expect(told[0]).toStartWith('Waiting')
  expect(words.join('')).not.toBe('')
})

test('a load that fails ends such a stream with one error event, and is not tried again at once', async () => {
  await spark.cluster.faults.recipe(failing, 'fail-at-load')
  const body = { model: failing, messages: hello, stream: true }
  const answer = await spark.ask('POST', '/v1/chat/completions', body, { 'X-Loading': 'reasoning' })
  const seen: { event: string; data: string }[] = []
  const broken = await (async () => {
    for await (const each of serverSent(answer)) seen.push(each)
    return 'a clean end'
  })().catch(() => 'broken')
  expect(broken).toBe('broken')
  expect(seen.filter(({ event }) => event === 'error')).toHaveLength(1)
  expect(JSON.parse(seen.at(-1)?.data ?? '{}').error).toMatchObject({ code: 'model_not_loaded' })
  expect(seen.map(({ data }) => data)).not.toContain('[DONE]')
  const before = await swaps()
  const { headers, error } = await refusal(failing)
  expect(error.reason).toContain(`${failing} failed to load`)
  expect(Number(headers?.get('retry-after'))).toBeGreaterThan(1)
  expect(await swaps()).toHaveLength(before.length)
})

test('a model that nobody uses is unloaded after its time', async () => {
  await say(idling)
  const view = await until('it to be unloaded', async () => {
    const swap = await current()
    return swap.by === 'idle' && swap.ended_at ? swap : null
  })
  expect(view).toMatchObject({ state: 'done', recipe: null, previous: idling })
})

test('requests wait for a swap of a person by whatever name means the new model; the one that goes away is not loaded', async () => {
  await spark.load(byHand)
  expect((await say('current')).choices).toHaveLength(1)
  const job = await spark.start(small)
  await until('the model before to go', async () => ((await current()).phase === 'load' ? true : null))
  const { status, error } = await refusal(byHand, { 'X-Wait': '600' })
  expect({ status, code: error.code }).toEqual({ status: 503, code: 'model_not_loaded' })
  const answers = await Promise.all(['current', 'chat', small].map((name) => served(name)))
  expect(new Set(answers)).toEqual(new Set(['nvidia/Llama-3.1-8B-Instruct-FP8']))
  expect((await spark.ended(job)).state).toBe('done')
})

test('an answer that runs is finished before the model that another request asks for takes its place', async () => {
  await spark.load(small)
  const stream = await openai.chat.completions.create({ model: small, messages: hello, max_tokens: 40, stream: true })
  const other = served(large)
  let words = ''
  for await (const { choices } of stream) words += choices[0]?.delta.content ?? ''
  expect(words).not.toBe('')
  expect(await other).toBe('nvidia/Qwen3.6-35B-A3B-NVFP4')
})

function say(model: string, headers: Record<string, string> = {}) {
  return openai.chat.completions.create({ model, messages: hello, max_tokens: 4 }, { headers })
}

/** The repo that answered. */
async function served(model: string): Promise<string | null> {
  const { response } = await openai.chat.completions.create({ model, messages: hello, max_tokens: 4 }).withResponse()
  return response.headers.get('x-spark-model')
}

interface Refused {
  code: string
  job?: string | null
  progress?: number | null
  eta_s?: number
  place?: number
  reason?: string
}

async function refusal(model: string, headers: Record<string, string> = {}) {
  const failure = await say(model, headers).then(
    () => null,
    (error) => error,
  )
  if (!(failure instanceof OpenAI.APIError))
    throw new Error(`${model}: ${failure ?? 'it was answered'}; it was to be refused`)
  return { status: failure.status, headers: failure.headers, error: failure.error as Refused }
}

async function swaps(): Promise<JobView[]> {
  const { jobs } = await (await spark.ask('GET', '/api/jobs?limit=100')).json()
  return (jobs as JobView[]).filter(({ kind }) => kind === 'swap')
}

async function current(): Promise<JobView> {
  return (await spark.ask('GET', '/api/swap')).json()
}

function queued(recipe: string): boolean {
  return spark.plane.runtime.demand.queue().some((each) => each.recipe === recipe)
}
