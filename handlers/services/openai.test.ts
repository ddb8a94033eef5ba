import { afterEach, expect, test } from 'bun:test'
import { asker, type Probe, runProbe } from '../../core/cluster/probe'
import type { Service } from '../../core/config/cluster'
import { kind } from './openai'

type Answers = Record<string, () => Response>

let engine: ReturnType<typeof Bun.serve> | null = null
let asked: string[] = []

afterEach(async () => {
  await engine?.stop(true)
  asked = []
})

/** An engine that somebody else wrote, as far as it is asked here. */
function answering(answers: Answers, model: string | null = null) {
  engine = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      const { pathname } = new URL(request.url)
      asked.push(pathname)
      return answers[pathname]?.() ?? new Response('not found', { status: 404 })
    },
  })
  const service = { id: 'engine', port: engine.port, model } as Service
  const probe: Probe = kind.probe(service)
  return async () => {
    const outcome = await runProbe(probe, '127.0.0.1', service, asker('127.0.0.1', service.port, 1000))
    return outcome.kind === 'answered' ? outcome.finding : outcome
  }
}

const listing = (...ids: string[]) =>
  Response.json({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) })

test('an engine with metrics tells its model, its work and its speed', async () => {
  let tokens = 100
  const look = answering({
    '/v1/models': () => listing('org/model'),
    '/health': () => new Response(''),
    '/metrics': () =>
      new Response(
        `sglang:num_running_reqs 2.0\nsglang:num_queue_reqs 1.0\nsglang:generation_tokens_total ${tokens}.0\n`,
      ),
  })
  expect(await look()).toMatchObject({ state: 'up', models: [{ id: 'org/model', root: 'org/model' }] })
  tokens += 50
  const { facts, activity } = (await look()) as Awaited<ReturnType<Probe>>
  const figures = Object.fromEntries((facts ?? []).map(({ label, value }) => [label, value]))
  expect(figures).toMatchObject({ Model: 'org/model', Engine: 'SGLang', Running: 2, Waiting: 1 })
  expect(figures.Speed).toBeGreaterThan(0)
  const before = activity?.moved ?? 0
  expect(activity?.running).toBe(2)
  expect(await look()).toMatchObject({ activity: { running: 2, moved: before } })
  tokens++
  expect(await look()).toMatchObject({ activity: { running: 2, moved: before + 1 } })
})

test('one that has several models and neither health nor metrics is up, and is not asked for them again and again', async () => {
  const look = answering({ '/v1/models': () => listing('llama3:8b', 'qwen3:4b') })
  for (let n = 0; n < 10; n++)
    expect(await look()).toMatchObject({ state: 'up', facts: [{ label: 'Models', value: 2 }] })
  const counts = ['/v1/models', '/health', '/metrics', '/prometheus/metrics'].map(
    (path) => asked.filter((each) => each === path).length,
  )
  expect(counts).toEqual([10, 1, 1, 1])
})

test('one that is late with its models, but whose counters are there, is busy', async () => {
  const look = answering({
    '/v1/models': () => new Response(new ReadableStream({})),
    '/metrics': () => new Response('llamacpp:requests_processing 4\nllamacpp:n_decode_total 7\n'),
  })
  expect(await look()).toMatchObject({ state: 'busy', activity: { running: 4 } })
})

test('a model that is named for it is the one that it serves', async () => {
  const look = answering({ '/v1/models': () => listing('a', 'b') }, 'b')
  expect(await look()).toMatchObject({ models: [{ id: 'b', root: 'b' }] })
})

test.each<[string, Answers, object]>([
  [
    'llama.cpp that loads is starting',
    { '/v1/models': () => Response.json({ error: { message: 'Loading model', code: 503 } }, { status: 503 }) },
    { state: 'starting' },
  ],
  [
    'one whose health says 503 is down, though it lists its models',
    { '/v1/models': () => listing('a'), '/health': () => new Response('', { status: 503 }) },
    { state: 'down', cause: 'the engine has died' },
  ],
  ['one with a key is told so', { '/v1/models': () => new Response('', { status: 401 }) }, { state: 'down' }],
  ['Ollama without a model is up', { '/v1/models': () => Response.json({ data: null }) }, { state: 'up', models: [] }],
  ['something else is no engine', { '/v1/models': () => new Response('<html>') }, { kind: 'broken' }],
  ['something that lists no models is no engine', { '/v1/models': () => Response.json([]) }, { kind: 'broken' }],
])('%s', async (_, answers, expected) => {
  expect(await answering(answers)()).toMatchObject(expected)
})
