import { expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleData, sampleService } from '../page-data.sample'
import { loadTiles, tile } from './tiles'

const llm = sampleService({ id: 'llm', kind: 'vllm', title: 'Language model' })

test('loadTiles() finds a tile by dropping a file named after its kind', async () => {
  expect([...(await loadTiles()).keys()]).toContain('vllm')
  const dir = await mkdtemp(join(tmpdir(), 'tiles-'))
  try {
    await Bun.write(join(dir, 'tts.tsx'), 'export const tile = () => "spoken"')
    await Bun.write(join(dir, 'tts.test.tsx'), 'throw new Error("not a tile")')
    expect([...(await loadTiles(dir)).keys()]).toEqual(['tts'])
    await Bun.write(join(dir, 'bare.tsx'), 'export const x = 1')
    await expect(loadTiles(dir)).rejects.toThrow('bare.tsx: no tile is exported')
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('tile() of a kind without its own shows title, place, state, age and declared figures', () => {
  const html = tile(sampleService(), sampleData()).value
  for (const words of ['Embeddings', 'http on Spark 1, port 8088', 'Up', '3 s ago', '18,234 texts'])
    expect(html).toContain(words)
})

test('tile() of a service that is down tells cause and remedy and calls its figures old', () => {
  const down = sampleService({ state: 'down', cause: 'exited with code 137', remedy: 'read its log' })
  const html = tile(down, sampleData()).value
  for (const words of ['Down', 'exited with code 137', 'read its log', 'figures old', 'as of'])
    expect(html).toContain(words)
})

test('tile() of vllm shows the model, the cache as a gauge and the queue before the rest', () => {
  const facts = [
    { label: 'Uptime', value: 60, unit: 's' },
    { label: 'Waiting', value: 3, unit: 'requests' },
    { label: 'KV cache', value: 37.5, unit: '%' },
    { label: 'Running', value: 2, unit: 'requests' },
  ]
  const html = tile({ ...llm, facts }, sampleData()).value
  expect(html).toContain('Qwen/Qwen3-32B')
  expect(html).toContain('aria-label="KV cache, 37.5 % full"')
  expect([...html.matchAll(/<dt>([^<]+)/g)].map((match) => match[1])).toEqual(['Running', 'Waiting', 'Uptime'])
})

test('tile() of vllm says not known where a figure or the model is not', () => {
  const cluster = { ...sampleData().cluster, models: [], model: null }
  const facts = [{ label: 'KV cache', value: null, unit: '%' }]
  const html = tile({ ...llm, state: 'unknown', facts }, { ...sampleData(), cluster }).value
  expect(html).toContain('Model not known')
  expect(html).toContain('KV cache: not known')
})
