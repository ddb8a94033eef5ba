import { expect, test } from 'bun:test'
import { sampleService } from '../../config/declared.sample'
import { sampleFound } from '../disk/disk.sample'
import type { FoundModel } from '../disk/found-model'
import type { Recipe } from '../recipe'
import { sampleRecipe } from '../recipe.sample'
import { configs } from './configs.sample'
import { type FitInput, fit, type MeasuredLaunch } from './fit'
import { sampleLedger } from './ledger.sample'

const GiB = 2 ** 30
const comfy = { service: 'comfy', name: 'ComfyUI', ends: false }
const previous = { service: 'llm', name: 'Language model', ends: true }

test('fit() takes the share a recipe pins, and tells what it is spent on', () => {
  const answer = fitted(
    'qwen3.6-35b-a3b',
    24e9,
    '--gpu-memory-utilization 0.4 --max-model-len 131072 --kv-cache-dtype fp8',
  )
  expect(answer).toMatchObject({
    fits: true,
    reason: null,
    remedies: [],
    utilization: 0.4,
    computed: false,
    context: 131_072,
    max_context: 262_144,
    basis: 'estimated',
  })
  const host = answer.hosts['spark-1']
  expect(host).toMatchObject({ needs_bytes: Math.ceil(0.4 * 121.69 * GiB), short_bytes: 0, weights_bytes: 24e9 })
  expect((host?.weights_bytes ?? 0) + (host?.kv_bytes ?? 0) + (host?.overhead_bytes ?? 0)).toBe(host?.needs_bytes ?? 0)
})

test('fit() says by how much a share is too large, and lowers it or stops what is in the way', () => {
  const answer = fitted('qwen3.6-27b', 26e9, '--gpu-memory-utilization 0.7 --max-model-len 65536', {
    ledgers: [sampleLedger('spark-1', [{ ...comfy, gib: 40 }])],
  })
  expect(answer.fits).toBe(false)
  expect(answer.reason).toBe('needs 85.2 GiB on spark-1, 71.7 GiB would be free: 13.5 GiB too much')
  expect(answer.remedies).toEqual(['lower gpu_memory_utilization to 0.58', 'stop ComfyUI (40.0 GiB)'])
})

test('fit() counts what the previous model gives back', () => {
  const ledgers = (ends: boolean) => [sampleLedger('spark-1', [{ ...previous, ends, gib: 80 }])]
  const flags = '--gpu-memory-utilization 0.8 --max-model-len 8192'
  expect(fitted('qwen3.6-27b', 26e9, flags, { ledgers: ledgers(true) }).fits).toBe(true)
  expect(fitted('qwen3.6-27b', 26e9, flags, { ledgers: ledgers(false) }).fits).toBe(false)
})

test('fit() warns of a share that is too small for one sequence, as vLLM does of MiniMax M2.7, and refuses it once a launch has shown it', () => {
  const of = (launches: MeasuredLaunch[]) =>
    fitted('minimax-m2.7', 129e9, '-tp 2 --gpu-memory-utilization 0.7 --max-model-len 196608', {
      recipe: { nodes: 2 },
      ledgers: [sampleLedger('spark-1'), sampleLedger('spark-2')],
      launches,
    })
  const answer = of([])
  expect(answer.fits).toBeNull()
  expect(answer.reason).toBe(
    'gets 85.2 GiB on spark-1, too little for 60.1 GiB of weights, 6.0 GiB around them, 23.3 GiB for one sequence of 196608 tokens: 4.1 GiB are missing, as far as can be reckoned before it was ever launched',
  )
  expect(of([{ weightsBytes: 60.9 * GiB, overheadBytes: null, kvBytesPerToken: null }]).fits).toBe(false)
  expect(answer.remedies).toEqual(['lower max_model_len to 160768', 'raise gpu_memory_utilization to 0.74'])
})

test.each([
  ['no flag', 'vllm serve org/model --max-num-seqs 4 --max-model-len 32768', {}],
  [
    'a placeholder without a default',
    'vllm serve org/model --max-num-seqs 4 --max-model-len 32768 --gpu-memory-utilization {gpu_memory_utilization}',
    {},
  ],
  [
    'auto',
    'vllm serve org/model --max-num-seqs 4 --max-model-len 32768 --gpu-memory-utilization {gpu_memory_utilization}',
    { gpu_memory_utilization: 'auto' },
  ],
])('fit() computes the share for %s', (_, command, defaults) => {
  const answer = fitted('llama-3.1-8b', 9e9, '', { recipe: { command, defaults } })
  // 8.4 GiB of weights, 4 sequences of 4 GiB, 4 GiB around them: 28.4 of 121.69 GiB.
  expect(answer).toMatchObject({ fits: true, computed: true, utilization: 0.24, max_context: 131_072 })
})

test('fit() gives what is there where that holds one sequence though not all', () => {
  const ledgers = [sampleLedger('spark-1', [{ ...comfy, gib: 88 }])]
  const answer = fitted('llama-3.1-8b', 9e9, '--max-model-len 32768', { ledgers })
  expect(answer).toMatchObject({ fits: true, computed: true, utilization: 0.19 })
})

test('fit() of an open share that fits no sequence says what would', () => {
  const ledgers = [sampleLedger('spark-1', [{ ...comfy, gib: 88 }])]
  const answer = fitted('llama-3.1-8b', 9e9, '--max-model-len 131072', { ledgers })
  expect(answer).toMatchObject({ fits: false, computed: true, utilization: 0.24 })
  expect(answer.reason).toBe('needs 29.2 GiB on spark-1, 23.7 GiB would be free: 5.5 GiB too much')
  expect(answer.remedies).toEqual(['lower max_model_len to 87040', 'stop ComfyUI (88.0 GiB)'])
})

test('fit() lets the engine shorten a context that is left to it', () => {
  const ledgers = [sampleLedger('spark-1', [{ ...comfy, gib: 88 }])]
  const answer = fitted('llama-3.1-8b', 9e9, '--max-model-len auto', { ledgers })
  expect(answer).toMatchObject({ fits: true, context: 131_072, utilization: 0.19 })
  expect(answer.max_context).toBeLessThan(131_072)
})

test('fit() names a smaller quantisation where no host could hold the model', () => {
  const answer = fitted('deepseek-v4-flash', 159e9, '--gpu-memory-utilization 0.9 --max-model-len 32768')
  expect(answer.fits).toBe(false)
  expect(answer.remedies).toEqual(['use a smaller quantisation of it, or more Sparks'])
})

test('fit() asks for the room on every host, by name', () => {
  const answer = fitted('deepseek-v4-flash', 159e9, '-tp 2 --gpu-memory-utilization 0.85 --max-model-len 1048576', {
    recipe: { nodes: 2 },
    ledgers: [sampleLedger('spark-1'), sampleLedger('spark-2', [{ ...comfy, gib: 12 }])],
  })
  expect(answer.reason).toContain('on spark-2')
  expect(answer.remedies).toEqual(['lower gpu_memory_utilization to 0.81', 'stop ComfyUI on spark-2 (12.0 GiB)'])
})

test('fit() takes an absolute budget, and one for the KV cache alone', () => {
  expect(fitted('llama-3.1-8b', 9e9, '--gpu-memory-utilization-gb 40').hosts['spark-1']?.needs_bytes).toBe(40 * GiB)
  const cache = fitted('llama-3.1-8b', 9e9, '--kv-cache-memory-bytes 20G --max-model-len 65536')
  expect(cache.hosts['spark-1']).toMatchObject({ needs_bytes: 9e9 + 4 * GiB + 20 * GiB, kv_bytes: 20 * GiB })
  expect(cache).toMatchObject({ fits: true, computed: false, utilization: null })
})

test('fit() of a script is what it needs, with no share', () => {
  const script = { folder: null, start: ['./serve', '--ctx-size', '32768'], stop: [], status: [], log: null }
  const answer = fitted('llama-3.1-8b', 9e9, '', { recipe: { runtime: 'script', script } })
  expect(answer).toMatchObject({ fits: true, computed: false, utilization: null })
  expect(answer.hosts['spark-1']?.needs_bytes).toBe(9e9 + 4 * GiB + 4 * GiB)
})

test('fit() reckons a model of unknown shape by its weights', () => {
  const model = sampleFound('org/model', { weightBytes: 50e9 })
  expect(fit(inputOf(model, '--gpu-memory-utilization 0.5'))).toMatchObject({ fits: true, max_context: null })
  expect(fit(inputOf(model, '--gpu-memory-utilization 0.45'))).toMatchObject({
    fits: null,
    remedies: ['raise gpu_memory_utilization to 0.5'],
  })
})

test('fit() does not know while the weights or the host’s figures are not known', () => {
  expect(fit({ ...inputOf(sampleFound(), ''), found: { 'spark-1': null } })).toMatchObject({
    fits: null,
    reason: 'how large its weights are is not known: they are in no place that is looked at on its hosts',
  })
  expect(fit({ ...inputOf(sampleFound(), ''), ledgers: [] }).fits).toBeNull()
  const unseen = sampleLedger('spark-1', [], { available_bytes: null })
  expect(fitted('llama-3.1-8b', 9e9, '--gpu-memory-utilization 0.5', { ledgers: [unseen] })).toMatchObject({
    fits: null,
    reason: 'how much memory is free on spark-1 is not known',
  })
})

test('fit() does not know while what ends does not tell how much it gives back, unless it fits without', () => {
  const ledger = sampleLedger('spark-1', [], { available_bytes: 30 * GiB })
  const ledgers = [{ ...ledger, uses: [{ ...previous, bytes: 0 }] }]
  expect(fitted('llama-3.1-8b', 9e9, '--gpu-memory-utilization 0.5', { ledgers })).toMatchObject({
    fits: null,
    reason: 'how much memory Language model gives back on spark-1 is not known',
  })
  expect(fitted('llama-3.1-8b', 9e9, '--gpu-memory-utilization 0.2 --max-model-len 8192', { ledgers }).fits).toBe(true)
})

test('fit() does not know while one of the hosts was never seen', () => {
  const answer = fitted('llama-3.1-8b', 9e9, '-tp 2 --gpu-memory-utilization 0.3', { recipe: { nodes: 2 } })
  expect(answer).toMatchObject({ fits: null, reason: 'how much memory is free on all of its 2 Sparks is not known' })
})

test('fit() of unknown weights and an open share gives no more than there is', () => {
  const ledgers = [sampleLedger('spark-1', [{ ...comfy, gib: 30 }])]
  const answer = fit({ ...inputOf(sampleFound(), '', { ledgers }), found: {} })
  expect(answer).toMatchObject({ fits: null, computed: true, utilization: 0.67 })
})

test('fit() of what limits itself by sequences says how many would fit', () => {
  const start = ['./serve', '--max-model-len', '32768', '--max-num-seqs', '100000000000']
  const script = { folder: null, start, stop: [], status: [], log: null }
  const answer = fitted('llama-3.1-8b', 9e9, '', { recipe: { runtime: 'script', script } })
  expect(answer.remedies).toContain('lower max_num_seqs to 24')
})

test('fit() of a script takes the share its command pins', () => {
  const script = { folder: null, start: ['./serve', '--gpu-memory-utilization=0.5'], stop: [], status: [], log: null }
  const answer = fitted('llama-3.1-8b', 9e9, '', { recipe: { runtime: 'script', script } })
  expect(answer).toMatchObject({ fits: true, computed: false, utilization: 0.5 })
})

test('fit() is short for certain though the weights are not known', () => {
  const input = inputOf(sampleFound(), '--gpu-memory-utilization 0.97')
  expect(fit({ ...input, found: {} })).toMatchObject({
    fits: false,
    remedies: ['use a smaller quantisation of it, or more Sparks'],
  })
})

test('fit() adds a drafter’s weights, or a guess where nobody looked for it', () => {
  const flags = `--gpu-memory-utilization 0.5 --speculative-config '{{"model": "org/drafter", "num_speculative_tokens": 3}}'`
  const host = (drafter?: FitInput['drafter']) =>
    fitted('llama-3.1-8b', 9e9, flags, { ...(drafter && { drafter }) }).hosts['spark-1']
  expect(host()).toMatchObject({ weights_bytes: 9e9, overhead_bytes: 6 * GiB })
  expect(host({ 'spark-1': sampleFound('org/drafter', { weightBytes: 1e9 }) })).toMatchObject({
    weights_bytes: 10e9,
    overhead_bytes: 4 * GiB,
  })
})

test('fit() expects more of many graphs and of a loader that keeps its buffers', () => {
  const overhead = (flags: string) => fitted('llama-3.1-8b', 9e9, flags).hosts['spark-1']?.overhead_bytes ?? 0
  expect(overhead('')).toBe(4 * GiB)
  expect(overhead('--max-num-seqs 1024')).toBe(8 * GiB)
  expect(overhead('--enforce-eager')).toBe(3 * GiB)
  expect(overhead('--load-format instanttensor')).toBe(Math.ceil(8.4 * GiB))
  expect(overhead('--max-num-batched-tokens 16384')).toBe(5 * GiB)
})

test('fit() is corrected by what launches took', () => {
  const launches = [
    { weightsBytes: 8 * GiB, overheadBytes: 9 * GiB, kvBytesPerToken: 262_144 },
    { weightsBytes: null, overheadBytes: 10 * GiB, kvBytesPerToken: null },
  ]
  const answer = fitted('llama-3.1-8b', 9e9, '--max-model-len 32768', { launches })
  // 8 of weights, 10 around them, 4 sequences of 8 GiB.
  expect(answer).toMatchObject({ basis: 'measured', utilization: 0.42 })
  expect(answer.hosts['spark-1']).toMatchObject({ weights_bytes: 8 * GiB, overhead_bytes: 10 * GiB })
})

test('fit() is not locked out by one bad measurement', () => {
  const bad = { weightsBytes: 22 * GiB, overheadBytes: 60 * GiB, kvBytesPerToken: null }
  const of = (flags: string, options: Options = {}) =>
    fitted('qwen3.6-27b', 24e9, flags, { launches: [bad], ...options })
  // Three times what was reckoned is the most that is believed.
  expect(of('--max-model-len 8192').hosts['spark-1']).toMatchObject({
    overhead_bytes: 15 * GiB,
    weights_bytes: 22 * GiB,
  })
  expect(of('--gpu-memory-utilization 0.3 --max-model-len 8192')).toMatchObject({
    fits: null,
    reason: expect.stringContaining('15.0 GiB around them'),
    remedies: [expect.stringContaining('raise gpu_memory_utilization')],
  })
  const ledgers = [sampleLedger('spark-1', [{ ...comfy, gib: 80 }])]
  expect(of('--max-model-len 8192', { ledgers })).toMatchObject({ fits: null, utilization: 0.25 })
  const good = { weightsBytes: 22 * GiB, overheadBytes: 4 * GiB, kvBytesPerToken: null }
  const launches = [good, good, bad]
  expect(of('--gpu-memory-utilization 0.3 --max-model-len 8192', { launches }).fits).toBe(true)
  expect(
    of('--max-model-len 8192', { launches: [{ ...good, weightsBytes: GiB }] }).hosts['spark-1']?.weights_bytes,
  ).toBe(Math.ceil(24e9 * 0.7))
})

test('fit() lets a small model have a small share', () => {
  const config = { ...configs['llama-3.1-8b'], num_hidden_layers: 28, hidden_size: 1024, head_dim: 128 }
  const model = sampleFound('org/model', { weightBytes: 1.19e9, config })
  for (const share of [0.05, 0.08]) {
    const command = `vllm serve org/model --runner pooling --gpu-memory-utilization ${share} --max-model-len 8192`
    expect(fit(inputOf(model, '', { recipe: { command } }))).toMatchObject({ fits: true, reason: null })
  }
})

test('fit() refuses what no host could give back, though it is not told how much ends there', () => {
  const ledger = sampleLedger('spark-1', [{ ...previous, gib: 0 }])
  expect(fitted('llama-3.1-8b', 9e9, '--gpu-memory-utilization 0.97', { ledgers: [ledger] }).fits).toBe(false)
})

test('fit() of a script whose weights lie elsewhere does not know, and refuses only a share that is not there', () => {
  const of = (start: string[]) => {
    const script = { folder: null, start, stop: [], status: [], log: null }
    const input = inputOf(sampleFound(), '', { recipe: { runtime: 'script', script } })
    return fit({ ...input, found: { 'spark-1': null } }).fits
  }
  expect(of(['./serve'])).toBeNull()
  expect(of(['./serve', '--gpu-memory-utilization=0.5'])).toBeNull()
  expect(of(['./serve', '--gpu-memory-utilization=0.99'])).toBe(false)
})

test('fit() names the page cache where that is what is in the way', () => {
  const ledger = sampleLedger('spark-1', [], { available_bytes: 50 * GiB, cached_bytes: 60 * GiB })
  const ledgers = [{ ...ledger, uses: [{ service: null, name: 'system and others', bytes: 71 * GiB, ends: false }] }]
  const answer = fitted('llama-3.1-8b', 9e9, '--gpu-memory-utilization 0.5', { ledgers })
  expect(answer.remedies.at(-1)).toBe('wait, or drop the page cache on spark-1 (up to 60.0 GiB)')
})

type Options = Partial<Omit<FitInput, 'recipe'>> & { recipe?: Partial<Recipe> }

function fitted(name: keyof typeof configs, weightBytes: number, flags: string, options: Options = {}) {
  return fit(inputOf(sampleFound('org/model', { weightBytes, config: configs[name] }), flags, options))
}

function inputOf(model: FoundModel, flags: string, { recipe, ...options }: Options = {}): FitInput {
  return {
    recipe: sampleRecipe({ command: `vllm serve org/model --max-num-seqs 4 ${flags}`, ...recipe }),
    service: sampleService(),
    found: { 'spark-1': model },
    ledgers: [sampleLedger()],
    ...options,
  }
}
