import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { configs } from './configs.sample'
import { geometry } from './geometry'
import { kvCacheBytes } from './kv-cache'
import { readWishes } from './wishes'

const of = (name: keyof typeof configs) => geometry(configs[name])

test.each([
  ['llama-3.1-8b', { context: 131_072, experts: 0, vision: false, dtype: 'bfloat16' }],
  ['qwen3-8b-yarn', { context: 131_072 }],
  ['qwen3.6-35b-a3b', { context: 262_144, experts: 256, vision: true, dtype: 'bfloat16' }],
  ['gpt-oss-120b', { context: 131_072, experts: 128 }],
  ['gemma-3-27b', { context: 131_072, vision: true }],
  ['gemma-4-31b', { context: 262_144, experts: 0 }],
  ['deepseek-v3', { context: 163_840, experts: 256 }],
] as const)('geometry() tells context, experts and vision of %s', (name, expected) => {
  expect(of(name)).toMatchObject(expected)
})

test('geometry() sorts layers by what they keep', () => {
  expect(of('qwen3.6-35b-a3b')?.kept).toEqual([
    { kind: 'attention', count: 10, heads: 2, values: 512, window: null },
    { kind: 'state', count: 30, bytes: 2_146_304 },
  ])
  expect(of('gpt-oss-20b')?.kept).toEqual([
    { kind: 'attention', count: 12, heads: 8, values: 128, window: null },
    { kind: 'attention', count: 12, heads: 8, values: 128, window: 128 },
  ])
  expect(of('gemma-4-31b')?.kept).toEqual([
    { kind: 'attention', count: 10, heads: 4, values: 1024, window: null },
    { kind: 'attention', count: 50, heads: 16, values: 512, window: 1024 },
  ])
  expect(of('gemma-3-27b')?.kept.map(({ count }) => count)).toEqual([10, 52])
  expect(of('nemotron-3.5-lightning')?.kept.map(({ kind, count }) => [kind, count])).toEqual([
    ['attention', 6],
    ['state', 23],
  ])
  expect(of('nemotron-h-pattern')?.kept.map(({ count }) => count)).toEqual([1, 1])
})

test('geometry() leaves out layers that read the cache of earlier ones', () => {
  expect(of('gemma-4-e2b')?.kept.map(({ count }) => count)).toEqual([3, 12])
})

test('geometry() reads a window that is switched off, and one that every layer has', () => {
  const base = {
    num_hidden_layers: 4,
    num_attention_heads: 8,
    num_key_value_heads: 2,
    hidden_size: 512,
    sliding_window: 4096,
  }
  expect(geometry({ ...base, use_sliding_window: false })?.kept).toMatchObject([{ count: 4, window: null }])
  expect(geometry(base)?.kept).toMatchObject([{ count: 4, window: 4096, values: 128 }])
})

test('geometry() is null where nothing can be told', () => {
  expect(geometry(null)).toBeNull()
  expect(geometry({})).toBeNull()
  expect(geometry({ num_hidden_layers: 12 })).toBeNull()
  // A list for other layers than there are.
  expect(geometry({ ...configs['llama-3.1-8b'], layer_types: ['full_attention'] })).toBeNull()
  // Llama-3_3-Nemotron-Super-49B: each block its own number of heads.
  expect(geometry({ ...configs['llama-3.1-8b'], block_configs: [{}] })).toBeNull()
})

test('geometry() never throws and never gives a size that is no number', () => {
  const names = [...new Set(Object.values(configs).flatMap((config) => Object.keys({ ...config, ...nested(config) })))]
  const rubbish = fc.oneof(
    fc.jsonValue(),
    fc.integer(),
    fc.constantFrom(0, -1, 1e300, 'full_attention', 'M*-', [], {}, null),
    fc.array(fc.constantFrom('sliding_attention', 'mamba', 3, null), { maxLength: 8 }),
  )
  const wishes = readWishes(['--mamba-cache-mode', 'all', '-tp', '2'])
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(configs)),
      fc.dictionary(fc.constantFrom(...names), rubbish as fc.Arbitrary<unknown>),
      (config, changes) => {
        const shape = geometry({ ...config, ...nested(config), ...changes })
        if (shape) expect(kvCacheBytes(shape, wishes, 4096, 2)).toBeGreaterThanOrEqual(0)
      },
    ),
    { numRuns: 500 },
  )
})

const nested = (config: object) => ('text_config' in config ? (config.text_config as Record<string, unknown>) : {})
