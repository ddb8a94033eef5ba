import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Running, type SparkFixture, sparkFixture } from './spark-fixture'

const MODEL = 'nvidia/Llama-3.1-8B-Instruct-FP8'
const spark: SparkFixture = sparkFixture({ models: [MODEL] })
let server: Running
let file: string

beforeAll(async () => {
  server = await spark.vllm([MODEL])
  file = `port-${new URL(server.url).port}.json`
  await server.until('Application startup complete.')
})
afterAll(spark.end)

const fault = (kind: string | null, milliseconds = 60_000) =>
  spark.setFault(file, kind === null ? null : { kind, until: Date.now() + milliseconds })

function chat(stream: boolean, tokens = 50): Promise<Response> {
  const body = JSON.stringify({
    stream,
    max_tokens: tokens,
    ignore_eos: true,
    messages: [{ role: 'user', content: 'Tides' }],
  })
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
}

const metrics = async () => (await fetch(`${server.url}/metrics`)).text()
const figure = async (name: string) => Number(new RegExp(`^vllm:${name}{\\S* (.*)$`, 'm').exec(await metrics())?.[1])
const generated = () => figure('generation_tokens_total')

async function running(count: number) {
  while ((await figure('num_requests_running')) !== count) await Bun.sleep(20)
}

test('reset-mid-stream breaks a stream after some events, and a whole answer in its middle', async () => {
  fault('reset-mid-stream')
  const stream = await chat(true)
  let text = ''
  const read = async () => {
    for await (const part of stream.body ?? []) text += new TextDecoder().decode(part)
  }
  await expect(read()).rejects.toThrow()
  expect(text.match(/data: /g)).toHaveLength(3)
  expect(text).not.toContain('[DONE]')
  const whole = await chat(false)
    .then((response) => response.text())
    .catch(() => 'broken')
  expect(whole).toBe('broken')
  fault(null)
})

test('bad-json answers 200 with a text that is no JSON', async () => {
  fault('bad-json')
  const response = await chat(false)
  expect(response.status).toBe(200)
  expect(await response.text()).toBe('{"oops": ')
  fault(null)
})

test('hang accepts connections and answers once it is over', async () => {
  fault('hang', 800)
  await expect(fetch(`${server.url}/health`, { signal: AbortSignal.timeout(200) })).rejects.toThrow()
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
})

test('a stream that is under way stands still while the server hangs', async () => {
  const reader = (await chat(true, 20_000)).body?.getReader()
  await reader?.read()
  fault('hang')
  let next = reader?.read()
  while ((await Promise.race([next, Bun.sleep(300).then(() => 'still')])) !== 'still') next = reader?.read()
  fault(null)
  expect(await next).toMatchObject({ done: false })
  await reader?.cancel()
})

test('a cut link is silent too', async () => {
  spark.setFault('link-down.json', { kind: 'link-down' })
  await expect(fetch(`${server.url}/health`, { signal: AbortSignal.timeout(200) })).rejects.toThrow()
  spark.setFault('link-down.json', null)
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
})

test('busy keeps /health waiting while work goes on and its counters move', async () => {
  fault('busy')
  await expect(fetch(`${server.url}/health`, { signal: AbortSignal.timeout(300) })).rejects.toThrow()
  const before = await generated()
  while ((await generated()) === before) await Bun.sleep(50)
  expect((await fetch(`${server.url}/v1/models`)).status).toBe(200)
  fault(null)
})

test('stall keeps /health and /v1/models answering while a request stands still and no counter moves', async () => {
  await running(0)
  const reader = (await chat(true, 20_000)).body?.getReader()
  await reader?.read()
  fault('stall')
  let next = reader?.read()
  while ((await Promise.race([next, Bun.sleep(300).then(() => 'still')])) !== 'still') next = reader?.read()
  const before = await metrics()
  await running(1)
  const another = new AbortController()
  const answer = fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Tides' }] }),
    signal: another.signal,
  }).catch(() => 'given up')
  expect(await Promise.race([answer, Bun.sleep(300).then(() => 'still')])).toBe('still')
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  expect((await fetch(`${server.url}/v1/models`)).status).toBe(200)
  another.abort()
  await answer
  const counters = (text: string) =>
    text.split('\n').filter((line) => !/^vllm:(num_requests|kv_cache_usage)/.test(line))
  expect(counters(await metrics())).toEqual(counters(before))
  fault(null)
  expect(await next).toMatchObject({ done: false })
  await reader?.cancel()
})

test('an idle server that stalls shows a request that nobody answers', async () => {
  await running(0)
  fault('stall')
  await running(1)
  fault(null)
  await running(0)
})

test('crash and stop end the process, the one by a signal', async () => {
  fault('crash')
  expect(await server.exited).toBe(137)
  fault(null)
  const again = await spark.vllm([MODEL], { port: Number(new URL(server.url).port) })
  await again.until('Application startup complete.')
  fault('stop')
  expect(await again.exited).toBe(0)
  fault(null)
})
