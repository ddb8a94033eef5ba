import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { configs } from './configs.sample'
import { geometry } from './geometry'
import { kvCacheBytes, tokenBytes } from './kv-cache'
import { readWishes } from './wishes'

const GiB = 2 ** 30

function shape(name: keyof typeof configs) {
  const read = geometry(configs[name])
  if (!read) throw new Error(`${name}: not read`)
  return read
}

// Per token, 16 bits.
test.each([
  // sebastianraschka.com/llm-architecture-gallery: 128 KiB
  ['llama-3.1-8b', 128 * 1024],
  // the same: 512 KiB
  ['olmo-2-7b', 512 * 1024],
  // the same: 68.6 KiB
  ['deepseek-v3', 70_272],
  // spark-runtimes §6.1: sparkrun says 262144, but counts all 64 layers; 16 of them have a cache.
  ['qwen3.6-27b', 262_144 / 4],
  // 12 of 48 layers, 2 heads of 256
  ['qwen3-coder-next', 24 * 1024],
  // 47 layers of 576 values, as mlx-lm's glm4_moe_lite keeps it
  ['glm-4.7-flash', 54_144],
  // 6 of 52 layers, 2 heads of 128
  ['nemotron-3.5-lightning', 6144],
] as const)('tokenBytes() of %s is what is published', (name, bytes) => {
  expect(tokenBytes(shape(name), 2)).toBe(bytes)
})

test.each([
  // 16 GiB for 128k tokens: 128 KiB each
  ['llama-3.1-8b', 131_072, 16],
  // kvfit's reference cases, counting windows: 3.003 and 4.504 GiB
  ['gpt-oss-20b', 131_072, 3.003],
  ['gpt-oss-120b', 131_072, 4.504],
  // vllm.ai/blog/deepseek-v4: 9.62 GiB a sequence of a million tokens, 83.9 for V3.2; Flash by the same reckoning
  ['deepseek-v4-pro', 1_048_576, 9.62],
  ['deepseek-v4-flash', 1_048_576, 6.72],
  ['deepseek-v3.2', 1_048_576, 83.875],
  // github.com/NVIDIA-AI-Blueprints/nemotron-voice-agent pull 95: "approx. 0.86 GB" with its states
  ['nemotron-3.5-lightning', 131_072, 0.86e9 / GiB],
] as const)('kvCacheBytes() of a sequence of %s with %i tokens is what is published', (name, context, gibs) => {
  const wishes = readWishes(['--mamba-cache-mode', 'none', '--max-num-batched-tokens', '1'])
  const bytes = kvCacheBytes(shape(name), wishes, context, 1)
  expect(Math.abs(bytes / GiB / gibs - 1)).toBeLessThan(0.012)
})

test('kvCacheBytes() is what vLLM told of MiniMax M2.7 on two Sparks', () => {
  // github.com/eugr/spark-vllm-docker issue 396: 23.25 GiB needed for 196608 tokens; 22.5 GiB hold 190272.
  const wishes = readWishes(['-tp', '2'])
  const bytes = (context: number) => kvCacheBytes(shape('minimax-m2.7'), wishes, context, 1)
  expect(bytes(196_608) / GiB).toBeCloseTo(23.25, 2)
  expect(bytes(190_272) / GiB).toBeLessThanOrEqual(22.505)
  expect(bytes(190_400) / GiB).toBeGreaterThan(22.505)
})

test('kvCacheBytes() is what vLLM told of Qwen3.6-35B-A3B with its linear layers', () => {
  // github.com/noonghunna/club-3090 issues 652 and 612 (vLLM 0.24, fp8, prefix caching): 6.01 GiB are 4.35 sequences of 131072.
  const wishes = readWishes(['--kv-cache-dtype', 'fp8', '--enable-prefix-caching'])
  const one = kvCacheBytes(shape('qwen3.6-35b-a3b'), wishes, 131_072, 1)
  expect((6.01 * GiB) / one).toBeCloseTo(4.35, 1)
  expect((5.98 * GiB) / one).toBeCloseTo(4.33, 1)
})

test('kvCacheBytes() divides key heads by tensor parallel while there are enough, and latents never', () => {
  const bytes = (name: keyof typeof configs, tp: number) =>
    kvCacheBytes(shape(name), readWishes(['-tp', String(tp)]), 65_536, 1)
  expect(bytes('llama-3.1-8b', 8)).toBe(bytes('llama-3.1-8b', 1) / 8)
  expect(bytes('llama-3.1-8b', 16)).toBe(bytes('llama-3.1-8b', 8))
  expect(bytes('deepseek-v3', 8)).toBe(bytes('deepseek-v3', 1))
})

test('kvCacheBytes() divides layers by pipeline parallel, the larger part counting', () => {
  const bytes = (pp: number) => kvCacheBytes(shape('deepseek-v3'), readWishes(['-pp', String(pp)]), 4096, 1)
  expect(bytes(3)).toBe((bytes(1) / 61) * 21)
})

test('kvCacheBytes() needs more for a longer sequence, for more of them, and never less than a part of it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(configs)) as fc.Arbitrary<keyof typeof configs>,
      fc.nat(300_000),
      fc.nat(300_000),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom([], ['-tp', '2', '--kv-cache-dtype', 'fp8'], ['-pp', '2', '--mamba-cache-mode', 'all']),
      (name, context, more, sequences, flags) => {
        const bytes = (tokens: number, count: number) => kvCacheBytes(shape(name), readWishes(flags), tokens, count)
        expect(bytes(context + more, sequences)).toBeGreaterThanOrEqual(bytes(context, sequences))
        expect(bytes(context, sequences + 1)).toBeGreaterThanOrEqual(bytes(context, sequences))
      },
    ),
    { numRuns: 300 },
  )
})
