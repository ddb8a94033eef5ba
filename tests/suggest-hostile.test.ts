import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { tables } from '../core/models/inference/tables'
import { suggested } from './suggestion.sample'

/** Every word that a table or the frame of a command may put into one. */
const known = new Set([
  ...['vllm', 'serve', '--host', '0.0.0.0', '--port', '0.5', '--tensor-parallel-size', '--pipeline-parallel-size'],
  ...['--gpu-memory-utilization', '--max-model-len', 'max_pixels'],
  ...[tables.families, tables.models, tables.quantisations]
    .flat()
    .flatMap(({ settings = [] }) => settings)
    .concat(tables.sizes.per_host.flatMap(({ settings }) => settings))
    .flatMap(({ flag = '', value }) => [flag, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  ...['{"image":4}', '{"max_pixels":2000000}'],
])

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    `'; rm -rf / #`,
    '"$(reboot)"',
    '`id`',
    '{port}',
    '}}{{',
    '--api-key\nx',
    'a\\\nb',
    '\u2028',
    '__proto__',
    'yes',
  ),
)
const names = [
  'architectures',
  'model_type',
  'text_config',
  'vision_config',
  'quantization_config',
  'rope_scaling',
  'auto_map',
]
const numbers = [
  'num_experts',
  'num_attention_heads',
  'num_key_value_heads',
  'num_hidden_layers',
  'max_position_embeddings',
  'head_dim',
]
const deep = Array.from({ length: 5000 }).reduce<unknown>((inner) => ({ text_config: inner, config_groups: inner }), {})
const anything = fc.oneof(
  fc.constant(deep),
  nasty,
  fc.double(),
  fc.integer(),
  fc.jsonValue({ maxDepth: 6 }),
  fc.array(nasty, { maxLength: 3 }),
)
const architecture = fc.constantFrom(
  'Qwen3_5MoeForConditionalGeneration',
  'Gemma4ForConditionalGeneration',
  'DeepseekV4ForCausalLM',
)
const flat = fc.dictionary(
  fc.constantFrom(...names, ...numbers, 'quant_method', 'quant_algo', 'config_groups'),
  anything,
)
const hostile = fc.tuple(flat, flat, flat, fc.option(architecture)).map(([config, text, quantization, known]) => ({
  ...config,
  text_config: text,
  quantization_config: quantization,
  ...(known ? { architectures: [known] } : {}),
}))

test('suggest() makes of any config.json and any name a recipe that loads, and whose command holds nothing of them', () => {
  const input = fc.record({
    repo: fc.oneof(
      nasty,
      fc.tuple(nasty, nasty).map((parts) => parts.join('/')),
      fc.constantFrom('a/null', 'a/1e5', 'x/chat'),
    ),
    config: fc.option(hostile),
    quantConfig: fc.option(flat),
    weightBytes: fc.oneof(fc.double(), fc.maxSafeNat()),
    layout: fc.constantFrom('hub' as const, 'folder' as const, 'gguf' as const),
    hosts: fc.integer({ min: 0, max: 9 }),
  })
  fc.assert(
    fc.property(input, ({ repo, hosts, ...found }) => {
      const { words, recipe, recipeId } = suggested({ repo, found, hosts, totalBytes: null })
      expect(recipeId).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/)
      expect(recipe.repo).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/)
      const strange = words.filter((word) => !known.has(word) && word !== recipe.repo && !/^[1-9]\d{0,6}$/.test(word))
      expect(strange).toEqual([])
      expect(Object.keys(recipe.env).filter((name) => !/^(VLLM|B12X|CUTE)_[A-Z0-9_]+$/.test(name))).toEqual([])
    }),
    { numRuns: 300 },
  )
})
