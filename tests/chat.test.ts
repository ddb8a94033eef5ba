import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { large, small, type TestCluster, testCluster, until } from './cluster'
import { serverSent } from './server-sent'

const repo = 'nvidia/Llama-3.1-8B-Instruct-FP8'
const hello = [{ role: 'user' as const, content: 'Hello' }]
let spark: TestCluster
let openai: OpenAI
let anthropic: Anthropic

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster({ loaded: small })
  await spark.settled(small)
  openai = new OpenAI({ baseURL: `${spark.url}/v1`, apiKey: 'none', maxRetries: 0 })
  anthropic = new Anthropic({ baseURL: spark.url, apiKey: 'none', maxRetries: 0 })
})
afterAll(() => spark.stop())
afterEach(async () => {
  await spark.cluster.faults.clear()
  await spark.service('llm', 'up')
})

test('openai: models.list() names every recipe, its repo and what it can do, loaded ones first', async () => {
  const { data } = await openai.models.list()
  const ids = data.map(({ id }) => id)
  for (const id of [small, repo, large, 'nvidia/Qwen3.6-35B-A3B-NVFP4', 'BAAI/bge-m3', 'chat'])
    expect(ids).toContain(id)
  expect(data.find(({ id }) => id === small)).toMatchObject({ object: 'model', service: 'llm', loaded: true })
  expect(data.find(({ id }) => id === large)).toMatchObject({ loaded: false })
})

test.each([small, repo, 'chat'])('openai: chat answers to the name %s, and says what served it', async (model) => {
  const { data, response } = await openai.chat.completions
    .create({ model, messages: hello, max_tokens: 24 })
    .withResponse()
  expect(data.choices[0]?.message.content?.length).toBeGreaterThan(0)
  expect(data.usage?.completion_tokens).toBeGreaterThan(0)
  expect(response.headers.get('x-spark-model')).toBe(repo)
  expect(response.headers.get('x-spark-host')).toBe('spark-1')
})

test('openai: a stream gives the same words as the whole answer, piece by piece, and its usage', async () => {
  const asked = { model: small, messages: hello, max_tokens: 24, seed: 7 }
  const whole = await openai.chat.completions.create(asked)
  const stream = await openai.chat.completions.create({
    ...asked,
    stream: true,
    stream_options: { include_usage: true },
  })
  const pieces: string[] = []
  let tokens = 0
  for await (const { choices, usage } of stream) {
    if (choices[0]?.delta.content) pieces.push(choices[0].delta.content)
    tokens = usage?.completion_tokens ?? tokens
  }
  expect(pieces.join('')).toBe(whole.choices[0]?.message.content ?? '')
  expect(pieces.length).toBeGreaterThan(1)
  expect(tokens).toBe(whole.usage?.completion_tokens ?? 0)
})

test('openai: breaking off a stream ends the work of the engine within a second', async () => {
  const stream = await openai.chat.completions.create(endless())
  for await (const _ of stream) {
    expect(await running()).toBe(1)
    break
  }
  await until('the engine to stop', async () => ((await running()) === 0 ? true : null), 1000)
})

test('openai: aborting a whole answer that has not begun ends the work of the engine within a second', async () => {
  const aborting = new AbortController()
  const broken = failure(openai.chat.completions.create({ ...endless(), stream: false }, { signal: aborting.signal }))
  await until('the engine to begin', async () => ((await running()) === 1 ? true : null))
  aborting.abort()
  expect(await broken).toBeInstanceOf(OpenAI.APIUserAbortError)
  await until('the engine to stop', async () => ((await running()) === 0 ? true : null), 1000)
})

test('openai: embeddings are the same numbers as floats and as base64', async () => {
  const asked = { model: 'embed', input: ['a Spark', 'another Spark'] }
  const packed = await openai.embeddings.create(asked)
  const floats = await openai.embeddings.create({ ...asked, encoding_format: 'float' })
  expect(floats.data).toHaveLength(2)
  for (const [index, { embedding }] of floats.data.entries()) {
    expect(embedding.length).toBeGreaterThan(100)
    expect([...new Float32Array(embedding)]).toEqual([...new Float32Array(packed.data[index]?.embedding ?? [])])
  }
  const raw = await spark.ask('POST', '/v1/embeddings', { ...asked, encoding_format: 'base64' })
  expect(typeof (await raw.json()).data[0].embedding).toBe('string')
})

test('openai: a model nobody knows is NotFoundError with code model_not_found', async () => {
  const error = await failure(openai.chat.completions.create({ model: 'no/such-model', messages: hello }))
  expect(error).toBeInstanceOf(OpenAI.NotFoundError)
  expect(error).toMatchObject({ code: 'model_not_found', param: 'model' })
})

test('openai: a model that is known but not loaded is 503 with Retry-After', async () => {
  const error = await failure(openai.chat.completions.create({ model: large, messages: hello }))
  expect(error).toBeInstanceOf(OpenAI.InternalServerError)
  const { status, headers, code } = error as InstanceType<typeof OpenAI.InternalServerError>
  expect({ status, code }).toEqual({ status: 503, code: 'model_not_loaded' })
  expect(Number(headers?.get('retry-after'))).toBeGreaterThan(0)
})

test("openai: the engine's own complaint arrives as the engine gave it", async () => {
  const body = { model: repo, messages: [] }
  const through = await spark.ask('POST', '/v1/chat/completions', body)
  const straight = await fetch(`${engine()}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(through.status).toBe(straight.status)
  expect(await through.text()).toBe(await straight.text())
})

test('openai: a stream whose engine dies in it is an error for the client, never a clean end', async () => {
  await spark.cluster.faults.service('llm', 'reset-mid-stream', 60)
  const error = await failure(
    (async () => {
      for await (const _ of await openai.chat.completions.create(endless()));
    })(),
  )
  expect(error).toBeInstanceOf(Error)
})

test('a stream whose engine dies in it ends with one error event and a broken connection, without [DONE]', async () => {
  await spark.cluster.faults.service('llm', 'reset-mid-stream', 60)
  const answer = await spark.ask('POST', '/v1/chat/completions', endless())
  const seen: { event: string; data: string }[] = []
  const broken = await failure(
    (async () => {
      for await (const each of serverSent(answer)) seen.push(each)
    })(),
  )
  expect(broken).toBeInstanceOf(Error)
  expect(seen.filter(({ event }) => event === 'error')).toHaveLength(1)
  expect(JSON.parse(seen.at(-1)?.data ?? '{}').error).toMatchObject({ code: 'upstream_died' })
  expect(seen.map(({ data }) => data)).not.toContain('[DONE]')
})

test('an engine that hangs keeps nobody who goes away, and answers again when it is back', async () => {
  await spark.cluster.faults.service('llm', 'hang', 60)
  const aborting = new AbortController()
  const answer = openai.chat.completions.create({ model: repo, messages: hello }, { signal: aborting.signal })
  setTimeout(() => aborting.abort(), 500)
  expect(await failure(answer)).toBeInstanceOf(OpenAI.APIUserAbortError)
  await spark.cluster.faults.clear()
  const { choices } = await openai.chat.completions.create({ model: repo, messages: hello, max_tokens: 4 })
  expect(choices).toHaveLength(1)
})

test('anthropic: a message and its stream are the same words', async () => {
  const asked = { model: small, messages: hello, max_tokens: 24 }
  const whole = await anthropic.messages.create(asked)
  expect(whole.type).toBe('message')
  const streamed = await anthropic.messages.stream(asked).finalMessage()
  expect(text(streamed)).toBe(text(whole))
  expect(text(whole).length).toBeGreaterThan(0)
  expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens)
})

test('anthropic: an unknown model is NotFoundError, in the shape its clients read', async () => {
  const asked = { model: 'no/such-model', messages: hello, max_tokens: 4 }
  expect(await failure(anthropic.messages.create(asked))).toBeInstanceOf(Anthropic.NotFoundError)
  const raw = await (await spark.ask('POST', '/v1/messages', asked)).json()
  expect(raw).toMatchObject({ type: 'error', error: { code: 'model_not_found' } })
})

function endless() {
  return { model: small, messages: hello, max_tokens: 50_000, ignore_eos: true, stream: true } as const
}

function engine(): string {
  return `http://${spark.cluster.hosts[0]?.address}:${spark.cluster.ports.llm}`
}

/** Requests the engine works on, as it says itself. */
async function running(): Promise<number> {
  const metrics = await (await fetch(`${engine()}/metrics`)).text()
  return Number(/^vllm:num_requests_running\{[^}]*\} ([\d.]+)$/m.exec(metrics)?.[1])
}

function text({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

async function failure(doing: Promise<unknown>): Promise<unknown> {
  try {
    await doing
  } catch (error) {
    return error
  }
  throw new Error('it went well; it was to fail')
}
