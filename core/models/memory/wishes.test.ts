import { expect, test } from 'bun:test'
import { sampleRecipe } from '../recipe.sample'
import { readWishes, wishesOf } from './wishes'

test('readWishes() takes vLLM’s own values where a command says nothing', () => {
  expect(readWishes(['vllm', 'serve', 'org/model'])).toEqual({
    vllm: true,
    share: null,
    shareBytes: null,
    cacheBytes: null,
    context: null,
    contextGives: false,
    sequences: null,
    batchedTokens: 8192,
    valueBytes: 2,
    tensorParallel: 1,
    pipelineParallel: 1,
    quantises: false,
    captured: 512,
    loader: null,
    drafter: null,
    drafted: 0,
    stateMode: 'align',
  })
})

test.each([
  ['131072', 131_072],
  ['128k', 128_000],
  ['128K', 131_072],
  ['1M', 1_048_576],
  ['25.6k', 25_600],
  ['auto', null],
  ['-1', null],
  ['lots', null],
] as const)('readWishes() reads a context of %s', (text, context) => {
  expect(readWishes(['--max-model-len', text])).toMatchObject({
    context,
    contextGives: text === 'auto' || text === '-1',
  })
})

test.each([
  ['auto', 2],
  ['bfloat16', 2],
  ['fp8', 1],
  ['fp8_e4m3', 1],
  ['nvfp4', 0.5625],
] as const)('readWishes() reads the cache’s type %s', (dtype, bytes) => {
  expect(readWishes([`--kv_cache_dtype=${dtype}`]).valueBytes).toBe(bytes)
})

test('readWishes() reads shares, sizes and parallel flags in every spelling', () => {
  const argv = [
    '--gpu_memory_utilization=0.7',
    '-tp',
    '2',
    '--pipeline-parallel-size=3',
    '--gpu-memory-utilization-gb',
    '60',
  ]
  expect(
    readWishes([...argv, '--kv-cache-memory-bytes', '25G', '--max-num-seqs', '8', '--enforce-eager']),
  ).toMatchObject({
    share: 0.7,
    shareBytes: 60 * 2 ** 30,
    cacheBytes: 25 * 2 ** 30,
    sequences: 8,
    tensorParallel: 2,
    pipelineParallel: 3,
    captured: 0,
  })
  expect(readWishes(['--gpu-memory-utilization', 'auto']).share).toBeNull()
  expect(readWishes(['--gpu-memory-utilization', '7']).share).toBeNull()
})

test('readWishes() reads the drafter, and takes multi-token prediction of the model itself for none', () => {
  const speculative = (config: object) => readWishes(['--speculative-config', JSON.stringify(config)], 'org/model')
  expect(speculative({ method: 'mtp', num_speculative_tokens: 3 })).toMatchObject({ drafter: null, drafted: 3 })
  expect(speculative({ model: 'org/drafter', num_speculative_tokens: 5 })).toMatchObject({
    drafter: 'org/drafter',
    drafted: 5,
  })
  expect(speculative({ model: 'org/model' })).toMatchObject({ drafter: null, drafted: 1 })
  expect(readWishes(['--speculative-config', '{broken'])).toMatchObject({ drafter: null, drafted: 0 })
  expect(readWishes(['--speculative-config.model=org/drafter'])).toMatchObject({ drafter: 'org/drafter', drafted: 1 })
})

test('readWishes() counts graphs as vLLM does: twice what runs at once, with what is drafted', () => {
  expect(readWishes(['--max-num-seqs', '4']).captured).toBe(8)
  expect(
    readWishes([
      '--max-num-seqs',
      '4',
      '--speculative-config.num-speculative-tokens=3',
      '--speculative-config.model=a/b',
    ]).captured,
  ).toBe(32)
  expect(readWishes(['--max-num-seqs', '4', '--max-cudagraph-capture-size', '64']).captured).toBe(64)
})

test('wishesOf() takes a share without a value for one that is left open', () => {
  const command = 'vllm serve org/model --gpu-memory-utilization {gpu_memory_utilization} --port {port}'
  expect(wishesOf(sampleRecipe({ command })).share).toBeNull()
  expect(wishesOf(sampleRecipe({ command, defaults: { gpu_memory_utilization: 'auto' } })).share).toBeNull()
  expect(wishesOf(sampleRecipe({ command, defaults: { gpu_memory_utilization: 0.4 } })).share).toBe(0.4)
})

test('wishesOf() reads a script’s start command, and survives a command that cannot be rendered', () => {
  const script = { folder: null, start: ['./llama-server', '--ctx-size', '32768'], stop: [], status: [], log: null }
  expect(wishesOf(sampleRecipe({ runtime: 'script', script })).context).toBe(32_768)
  expect(wishesOf(sampleRecipe({ command: 'vllm {nothing}' })).context).toBeNull()
})
