import { afterAll, beforeAll, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { type Running, sparkFixture } from '../../spark-fixture'

const MODEL = 'nvidia/Qwen3.6-35B-A3B-NVFP4'
const spark = sparkFixture({ models: [MODEL, 'nvidia/Llama-3.1-8B-Instruct-FP8'] })
const reasoning = ['--reasoning-parser', 'qwen3', '--enable-auto-tool-choice', '--tool-call-parser', 'qwen3_xml']
const question = [{ role: 'user' as const, content: 'Why do tides follow the moon around [PLACE_1]?' }]
let server: Running
let openai: OpenAI

beforeAll(async () => {
  server = await spark.vllm([
    MODEL,
    '--served-model-name',
    'qwen',
    MODEL,
    '--max-num-seqs',
    '2',
    '--max-model-len',
    '32768',
    ...reasoning,
  ])
  await server.until('Application startup complete.')
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(spark.end)

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(name) && !one.startsWith('#'))
  return Number(line?.split(' ').at(-1))
}

async function reaches(name: string, value: number) {
  while ((await metric(name)) !== value) await Bun.sleep(10)
}

function post(path: string, body: object | string): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text })
}

const long = { model: 'qwen', messages: question, stream: true as const, max_tokens: 20_000, ignore_eos: true }

test('a client that leaves ends its generation at once', async () => {
  const aborted = 'vllm:request_success_total{engine="0",model_name="qwen",finished_reason="abort"}'
  const before = await metric(aborted)
  const stream = await openai.chat.completions.create(long)
  for await (const _ of stream) break
  await reaches('vllm:num_requests_running', 0)
  expect(await metric(aborted)).toBe(before + 1)
  expect(server.log()).toMatch(/Request chatcmpl-\w+ aborted\./)
})

test('a client that leaves before a whole answer is ready ends its generation too', async () => {
  const leave = new AbortController()
  const answer = openai.chat.completions.create({ ...long, stream: false }, { signal: leave.signal }).then(
    () => 'answered',
    () => 'left',
  )
  await reaches('vllm:num_requests_running', 1)
  leave.abort()
  expect(await answer).toBe('left')
  await reaches('vllm:num_requests_running', 0)
})

test('requests past max-num-seqs wait in line, and enter when one leaves', async () => {
  const streams = await Promise.all([1, 2].map(() => openai.chat.completions.create(long)))
  await reaches('vllm:num_requests_running', 2)
  const third = openai.chat.completions.create({ model: 'qwen', messages: question, max_tokens: 1 })
  await reaches('vllm:num_requests_waiting', 1)
  for (const stream of streams) stream.controller.abort()
  expect((await third).choices[0]?.finish_reason).toBe('length')
  await reaches('vllm:num_requests_waiting', 0)
})

test('the counters and histograms move with every request', async () => {
  const names = ['vllm:generation_tokens_total', 'vllm:prompt_tokens_total', 'vllm:time_to_first_token_seconds_count']
  const before = await Promise.all(names.map(metric))
  await openai.chat.completions.create({ model: 'qwen', messages: question, max_tokens: 7 })
  const [generated = 0, prompted = 0, first = 0] = await Promise.all(names.map(metric))
  expect(generated - (before[0] ?? 0)).toBe(7)
  expect(prompted - (before[1] ?? 0)).toBeGreaterThan(7)
  expect(first - (before[2] ?? 0)).toBe(1)
})

test('refusals have the words and the shape of vLLM', async () => {
  const refusal = async (path: string, body: object | string) => {
    const response = await post(path, body)
    return { status: response.status, ...((await response.json()) as { error: { message: string; type: string } }) }
  }
  const chat = (more: object) => refusal('/v1/chat/completions', { model: 'qwen', messages: question, ...more })
  expect(await chat({ model: 'nobody' })).toMatchObject({
    status: 404,
    error: { message: 'The model `nobody` does not exist.', type: 'NotFoundError', code: 404, param: null },
  })
  expect(await chat({ max_tokens: 99_999 })).toMatchObject({
    status: 400,
    error: { message: expect.stringContaining("'max_tokens' or 'max_completion_tokens' is too large: 99999") },
  })
  expect(await chat({ messages: [{ role: 'user', content: 'moon '.repeat(40_000) }] })).toMatchObject({
    status: 400,
    error: { message: expect.stringContaining('maximum context length is 32768 tokens') },
  })
  expect(await refusal('/v1/chat/completions', '{"model": ')).toMatchObject({
    status: 400,
    error: { message: expect.stringContaining('JSON decode error') },
  })
  expect(await refusal('/v1/messages', { model: 'nobody', max_tokens: 1, messages: question })).toMatchObject({
    status: 404,
    type: 'error',
  })
  expect((await post('/v1/embeddings', { model: 'qwen', input: 'x' })).status).toBe(404)
})

test('an image that the processor would truncate is refused, a smaller one is counted', async () => {
  const picture = (width: number, height: number) => {
    const bytes = Buffer.alloc(33)
    bytes.writeUInt32BE(0x89504e47, 0)
    bytes.writeUInt32BE(width, 16)
    bytes.writeUInt32BE(height, 20)
    return {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${bytes.toString('base64')}` } },
      ],
    }
  }
  const ask = (width: number, height: number) =>
    post('/v1/chat/completions', { model: 'qwen', max_tokens: 1, messages: [picture(width, height)] })
  const large = await ask(4000, 3000)
  expect(large.status).toBe(400)
  expect(await large.text()).toContain('Mismatch in `image` token count between text and `input_ids`')
  const { usage } = (await (await ask(640, 480)).json()) as { usage: { prompt_tokens: number } }
  expect(usage.prompt_tokens).toBeGreaterThan(300)
  const capped = await spark.vllm([MODEL, '--mm-processor-kwargs', '{"max_pixels": 2000000}'])
  await capped.until('Application startup complete.')
  const body = JSON.stringify({ model: MODEL, max_tokens: 1, messages: [picture(4000, 3000)] })
  expect(
    (
      await fetch(`${capped.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    ).status,
  ).toBe(200)
  capped.kill()
})

test('tools without a parser and images to a text model are refused', async () => {
  const plain = await spark.vllm(['nvidia/Llama-3.1-8B-Instruct-FP8'])
  await plain.until('Application startup complete.')
  const ask = async (more: object) => {
    const body = JSON.stringify({ messages: question, ...more })
    return (
      await fetch(`${plain.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    ).text()
  }
  expect(await ask({ tools: [{ type: 'function', function: { name: 'get_weather' } }] })).toContain(
    'requires --enable-auto-tool-choice and --tool-call-parser to be set',
  )
  const content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]
  expect(await ask({ messages: [{ role: 'user', content }] })).toContain('is not a multimodal model')
  plain.kill()
})

test('with a key, everything but the liveness paths needs it', async () => {
  const guarded = await spark.vllm(['nvidia/Llama-3.1-8B-Instruct-FP8', '--api-key', 'sesame'])
  await guarded.until('Application startup complete.')
  const status = async (path: string, key?: string) =>
    (await fetch(guarded.url + path, { headers: key ? { authorization: `Bearer ${key}` } : {} })).status
  expect(await Promise.all(['/health', '/version', '/metrics', '/v1/models'].map((path) => status(path)))).toEqual([
    200, 200, 401, 401,
  ])
  expect(await status('/v1/models', 'sesame')).toBe(200)
  guarded.kill()
})
