import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { quantisation } from './quantisation'

const group = (weights: object) => ({ config_groups: { group_0: { targets: ['Linear'], weights } } })
const fp4 = { num_bits: 4, type: 'float', group_size: 16, strategy: 'tensor_group' }
const int4 = { num_bits: 4, type: 'int', group_size: 32, strategy: 'group' }

/** quantization_config of published checkpoints, and what it means. */
const published: [string, Record<string, unknown> | undefined, string][] = [
  ['nvidia/Qwen3.5-122B-A10B-NVFP4', { quant_method: 'modelopt', quant_algo: 'NVFP4' }, 'nvfp4-modelopt'],
  [
    'nvidia/Qwen3.6-35B-A3B-NVFP4',
    {
      quant_method: 'modelopt',
      quant_algo: 'MIXED_PRECISION',
      quantized_layers: { 'layers.0.self_attn': { quant_algo: 'FP8' }, 'layers.0.experts': { quant_algo: 'NVFP4' } },
    },
    'nvfp4-mixed',
  ],
  [
    'RedHatAI/Qwen3.6-35B-A3B-NVFP4',
    { quant_method: 'compressed-tensors', format: 'nvfp4-pack-quantized', ...group(fp4) },
    'nvfp4-compressed',
  ],
  [
    'RedHatAI, mixed',
    { quant_method: 'compressed-tensors', format: 'mixed-precision', ...group(fp4) },
    'nvfp4-compressed',
  ],
  ['Qwen/Qwen3.6-35B-A3B-FP8', { quant_method: 'fp8', weight_block_size: [128, 128] }, 'fp8-block'],
  ['nvidia/Llama-3.1-8B-Instruct-FP8', { quant_method: 'modelopt', quant_algo: 'FP8' }, 'fp8'],
  [
    'RedHatAI/gemma-4-26B-A4B-it-FP8-dynamic',
    {
      quant_method: 'compressed-tensors',
      format: 'float-quantized',
      ...group({ num_bits: 8, type: 'float', strategy: 'channel' }),
    },
    'fp8',
  ],
  [
    'cyankiwi/MiniMax-M2.7-AWQ-4bit',
    { quant_method: 'compressed-tensors', format: 'pack-quantized', ...group(int4) },
    'int4-compressed',
  ],
  ['QuantTrio AWQ', { quant_method: 'awq', bits: 4, group_size: 128, version: 'gemm' }, 'awq'],
  ['Qwen/Qwen3.5-122B-A10B-GPTQ-Int4', { quant_method: 'gptq', bits: 4 }, 'gptq'],
  ['Intel/Qwen3.5-122B-A10B-int4-AutoRound', { quant_method: 'auto-round', bits: 4, data_type: 'int' }, 'auto-round'],
  ['openai/gpt-oss-120b', { quant_method: 'mxfp4' }, 'mxfp4'],
  ['unsloth bnb-4bit', { quant_method: 'bitsandbytes', load_in_4bit: true }, 'bitsandbytes'],
  ['Qwen/Qwen3-8B', undefined, 'full'],
  ['from tomorrow', { quant_method: 'fp3-spiral' }, 'unknown'],
]

test.each(published)('quantisation() tells how %s is stored', (_, quantization_config, id) => {
  const config = { model_type: 'x', dtype: 'bfloat16', ...(quantization_config ? { quantization_config } : {}) }
  expect(quantisation({ config, quantConfig: null, layout: 'hub' }).id).toBe(id)
  const nested = { model_type: 'x', text_config: config }
  expect(quantisation({ config: nested, quantConfig: null, layout: 'hub' }).id).toBe(id)
})

test('quantisation() reads hf_quant_config.json where config.json says nothing', () => {
  const of = (quantization: object) =>
    quantisation({ config: { dtype: 'bfloat16' }, quantConfig: { quantization }, layout: 'hub' }).id
  expect(of({ quant_algo: 'NVFP4', kv_cache_quant_algo: 'FP8' })).toBe('nvfp4-modelopt')
  expect(of({ quant_algo: 'MIXED_PRECISION', quantized_layers: { a: { quant_algo: 'W4A16_NVFP4' } } })).toBe(
    'nvfp4-mixed',
  )
  expect(of({ quant_algo: 'MIXED_PRECISION', quantized_layers: { a: { quant_algo: 'FP8' } } })).toBe('fp8-mixed')
})

test('quantisation() tells a GGUF by its files alone', () => {
  expect(quantisation({ config: null, quantConfig: null, layout: 'gguf' })).toMatchObject({ id: 'gguf', name: 'GGUF' })
})

test('quantisation() has an answer for any JSON', () => {
  const config = fc.dictionary(fc.constantFrom('quantization_config', 'text_config', 'dtype'), fc.jsonValue())
  fc.assert(
    fc.property(config, fc.dictionary(fc.constant('quantization'), fc.jsonValue()), (config, quantConfig) => {
      expect(quantisation({ config, quantConfig, layout: 'hub' }).name).not.toBe('')
    }),
  )
})
