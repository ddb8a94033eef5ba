import { afterAll, beforeAll, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { type Running, sparkFixture } from '../spark-fixture'

const spark = sparkFixture()
let server: Running
let openai: OpenAI

beforeAll(async () => {
  server = await spark.program('embedder')
  await server.until('Uvicorn running')
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(spark.end)

const model = 'BAAI/bge-m3'

test('embeddings arrive the same as floats and as base64 of little-endian float32', async () => {
  const [floats, packed] = await Promise.all(
    (['float', 'base64'] as const).map((encoding_format) =>
      openai.embeddings.create({ model, input: 'Tides follow the moon', encoding_format }),
    ),
  )
  const vector = floats?.data[0]?.embedding ?? []
  const bytes = Buffer.from(String(packed?.data[0]?.embedding), 'base64')
  expect(vector).toHaveLength(1024)
  expect(Array.from({ length: 1024 }, (_, index) => bytes.readFloatLE(index * 4))).toEqual(vector)
  expect((await openai.embeddings.create({ model, input: 'Tides follow the moon' })).data[0]?.embedding).toEqual(vector)
})

test('a list of texts, token ids and lists of them are all taken, in order', async () => {
  const both = await openai.embeddings.create({ model, input: ['one', 'two'], encoding_format: 'float' })
  const second = await openai.embeddings.create({ model, input: 'two', encoding_format: 'float' })
  expect(both.data.map(({ index }) => index)).toEqual([0, 1])
  expect(both.data[1]?.embedding).toEqual(second.data[0]?.embedding ?? [])
  expect((await openai.embeddings.create({ model, input: [1, 2, 3] })).data).toHaveLength(1)
  expect((await openai.embeddings.create({ model, input: [[1, 2], [3]] })).data).toHaveLength(2)
  expect(both.usage.total_tokens).toBeGreaterThan(1)
})

test('fewer dimensions give a shorter vector of length 1', async () => {
  const { data } = await openai.embeddings.create({ model, input: 'Tides', dimensions: 256, encoding_format: 'float' })
  const vector = data[0]?.embedding ?? []
  expect(vector).toHaveLength(256)
  expect(Math.hypot(...vector)).toBeCloseTo(1, 4)
})

test('an unknown model and a missing input are refused in the shape of vLLM', async () => {
  const refusal = async (body: object) => {
    const response = await fetch(`${server.url}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, ...((await response.json()) as { error: object }) }
  }
  expect(await refusal({ model: 'nobody', input: 'x' })).toEqual({
    status: 404,
    error: { message: 'The model `nobody` does not exist.', type: 'NotFoundError', param: null, code: 404 },
  })
  expect(await refusal({ model })).toMatchObject({ status: 400 })
})

test('stats count what was embedded', async () => {
  const stats = async () => ((await (await fetch(`${server.url}/stats`)).json()) as { embedded: number }).embedded
  const before = await stats()
  await openai.embeddings.create({ model, input: ['a', 'b', 'c'] })
  expect(await stats()).toBe(before + 3)
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
})
