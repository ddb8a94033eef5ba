import { afterAll, beforeAll, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { type Running, sparkFixture } from '../../spark-fixture'

const MODEL = 'nvidia/Qwen3.6-35B-A3B-NVFP4'
const spark = sparkFixture({ models: [MODEL] })
const reasoning = ['--reasoning-parser', 'qwen3', '--enable-auto-tool-choice', '--tool-call-parser', 'qwen3_xml']
const question = [{ role: 'user' as const, content: 'Why do tides follow the moon around [PLACE_1]?' }]
let server: Running
let openai: OpenAI
let anthropic: Anthropic

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
  anthropic = new Anthropic({ baseURL: server.url, apiKey: 'none', maxRetries: 0 })
})
afterAll(spark.end)

function post(path: string, body: object | string): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text })
}

test('a chat answer names the model, uses the words of the prompt, and is the same each time', async () => {
  const answer = await openai.chat.completions.create({ model: 'qwen', messages: question })
  const again = await openai.chat.completions.create({ model: 'qwen', messages: question })
  expect(answer.choices[0]?.message.content).toStartWith(`[${MODEL}] You asked about tides`)
  expect(answer.choices[0]?.message.content).toContain('[PLACE_1]')
  expect(again.choices[0]?.message).toEqual(answer.choices[0]?.message as never)
  expect(answer.choices[0]?.message).toHaveProperty('reasoning', expect.stringContaining('The user wants to know'))
  expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0))
})

test('a chat stream sends one token a chunk, reasoning first, and its usage at the end', async () => {
  const stream = await openai.chat.completions.create({
    model: 'qwen',
    messages: question,
    stream: true,
    stream_options: { include_usage: true },
  })
  const kinds: string[] = []
  let text = ''
  let usage = 0
  for await (const { choices, usage: counted } of stream) {
    const delta = choices[0]?.delta as { content?: string; reasoning?: string } | undefined
    if (delta?.reasoning) kinds.push('reasoning')
    if (delta?.content) kinds.push('content')
    text += delta?.content ?? ''
    usage = counted?.completion_tokens ?? usage
  }
  const whole = await openai.chat.completions.create({ model: 'qwen', messages: question })
  expect(text).toBe(whole.choices[0]?.message.content ?? '')
  expect(usage).toBe(kinds.length)
  expect(kinds.lastIndexOf('reasoning')).toBeLessThan(kinds.indexOf('content'))
})

test('max_tokens, stop and seed are kept', async () => {
  const plain = { model: 'qwen', messages: question, chat_template_kwargs: { enable_thinking: false } }
  const one = await openai.chat.completions.create({ ...plain, max_tokens: 1 })
  expect(one.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '[' } })
  const stopped = await openai.chat.completions.create({ ...plain, stop: ['You asked'] })
  expect(stopped.choices[0]).toMatchObject({
    finish_reason: 'stop',
    stop_reason: 'You asked',
    message: { content: `[${MODEL}] ` },
  })
  const [first, second] = await Promise.all([1, 2].map((seed) => openai.chat.completions.create({ ...plain, seed })))
  expect(first?.choices[0]?.message.content).not.toBe(second?.choices[0]?.message.content)
})

test('a tool that the user names is called with arguments of its schema', async () => {
  const parameters = {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city'],
  }
  const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters } }]
  const stream = openai.chat.completions.stream({
    model: 'qwen',
    tools,
    messages: [{ role: 'user', content: 'weather in Lisbon?' }],
  })
  const { choices } = await stream.finalChatCompletion()
  const [call] = choices[0]?.message.tool_calls ?? []
  expect(choices[0]?.finish_reason).toBe('tool_calls')
  expect(call?.type === 'function' && call.function.name).toBe('get_weather')
  expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toEqual({
    city: expect.any(String),
    days: expect.any(Number),
  })
})

test('a JSON schema is kept by the answer', async () => {
  const schema = {
    type: 'object',
    properties: { topic: { type: 'string' }, sure: { type: 'boolean' }, kind: { enum: ['a', 'b'] } },
  }
  const answer = await openai.chat.completions.create({
    model: 'qwen',
    messages: question,
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
  })
  expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({
    topic: 'tides',
    sure: expect.any(Boolean),
    kind: expect.stringMatching(/^[ab]$/),
  })
})

test('completions and responses work with the SDK, streamed and whole', async () => {
  const completion = await openai.completions.create({ model: 'qwen', prompt: 'Tides are', max_tokens: 5 })
  expect(completion.usage?.completion_tokens).toBe(5)
  let text = ''
  for await (const part of await openai.completions.create({
    model: 'qwen',
    prompt: 'Tides are',
    max_tokens: 5,
    stream: true,
  }))
    text += part.choices[0]?.text ?? ''
  expect(text).toBe(completion.choices[0]?.text ?? '')
  const response = await openai.responses.create({ model: 'qwen', input: 'Why do tides follow the moon?' })
  expect(response.output_text).toStartWith(`[${MODEL}]`)
  expect(response.status).toBe('completed')
  const streamed = await openai.responses
    .stream({ model: 'qwen', input: 'Why do tides follow the moon?' })
    .finalResponse()
  expect(streamed.output_text).toBe(response.output_text)
})

test("Anthropic's messages work with the SDK, streamed and whole", async () => {
  const ask = { model: 'qwen', max_tokens: 400, messages: question }
  const whole = await anthropic.messages.create(ask)
  expect(whole).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' })
  const streamed = await anthropic.messages.stream(ask).finalMessage()
  expect(streamed.content as unknown).toEqual(whole.content)
  expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens)
  const counted = await anthropic.messages.countTokens({ model: 'qwen', messages: question })
  expect(counted.input_tokens).toBe(whole.usage.input_tokens)
  const tools = [
    { name: 'get_weather', input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } } },
  ]
  const call = await anthropic.messages.stream({ ...ask, tools, tool_choice: { type: 'any' } }).finalMessage()
  expect(call).toMatchObject({
    stop_reason: 'tool_use',
    content: [{ type: 'tool_use', name: 'get_weather', input: { city: 'tides' } }],
  })
})

test('tokenize and detokenize are each other undone', async () => {
  const tokens = (await (await post('/tokenize', { model: 'qwen', prompt: 'Tides follow the moon.' })).json()) as {
    count: number
    tokens: number[]
    max_model_len: number
  }
  expect(tokens).toMatchObject({ count: tokens.tokens.length, max_model_len: 32_768 })
  expect(await (await post('/detokenize', { model: 'qwen', tokens: tokens.tokens })).json()).toEqual({
    prompt: 'Tides follow the moon.',
  })
})
