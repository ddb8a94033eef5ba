import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatFinding } from '../config/findings'
import { recipeCommand } from './command'
import { loadRecipe } from './recipe-file'

const load = (text: string, file = 'recipes/qwen.yaml') => loadRecipe({ text, file })
const notes = (text: string) => load(text).findings.map(formatFinding)

function argv(text: string): string[] {
  const { recipe } = load(text)
  if (!recipe) throw new Error(notes(text).join('\n'))
  return recipeCommand(recipe, { port: 8888 })
}

const base = 'recipe_version: "2"\nmodel: org/Model-FP8\nruntime: vllm\ncontainer: ghcr.io/org/vllm:latest\n'
const serve = 'command: vllm serve {model} --port {port}\n'

const everything = `# A file with every key the format has
recipe_version: "2"
name: My model
description: Says what it is
model: org/Model-FP8
model_revision: 0123456789abcdef0123456789abcdef01234567
runtime: vllm-distributed
runtime_version: "0.20"
mode: auto
min_nodes: 1
max_nodes: 1
container: ghcr.io/org/vllm@sha256:${'a'.repeat(64)}
metadata:
  description: Not this one
  maintainer: Alice <alice@example.org>
  model_params: 35B
  model_dtype: fp8
  kv_dtype: fp8_e5m2
  num_layers: 40
  num_kv_heads: 2
  head_dim: 256
defaults:
  port: 8000
  host: 0.0.0.0
  tensor_parallel: 1
  gpu_memory_utilization: 0.7
  max_model_len: 262144
  served_model_name: my-model
  nothing:
  speculative_config: '{"method": "mtp", "num_speculative_tokens": 2}'
  sizes: [1, 2]
  base_url: "http://127.0.0.1:{port}/v1"
env:
  VLLM_MARLIN_USE_ATOMIC_ADD: 1
  HF_TOKEN: "\${HF_TOKEN}"
  CACHE: $HOME/cache
  EMPTY:
executor_config:
  auto_remove: false
  restart_policy: unless-stopped
  privileged: false
  gpus: all
  ipc: private
  shm_size: 10.24gb
  network: host
  user: root
  entrypoint: ""
runtime_config: { a: 1 }
builder: docker-pull
builder_config: {}
build_args: [--tf5]
benchmark: { framework: llama-benchy }
distribution_config: { models: { enabled: true } }
stop_after_post: false
unheard_of: kept for others
command: |
  vllm serve {model} \\ 
    --host {host} --port {port} \\
    -tp {tensor_parallel} \\
    --gpu-memory-utilization {gpu_memory_utilization} \\
    --limit-mm-per-prompt '{"image": 4}' \\
    --speculative-config '{speculative_config}' \\
    --sizes {sizes} --url {base_url} --left {nobody}
`

describe('a recipe of sparkrun', () => {
  test('with every key of the format loads, and says what is not done with it', () => {
    const { recipe, findings } = load(everything)
    expect(recipe).toMatchObject({
      id: 'qwen',
      name: 'My model',
      description: 'Says what it is',
      repo: 'org/Model-FP8',
      revision: '0123456789abcdef0123456789abcdef01234567',
      runtime: 'docker',
      nodes: 1,
      soloOnly: true,
      clusterOnly: false,
      capabilities: ['chat', 'vision'],
      env: { VLLM_MARLIN_USE_ATOMIC_ADD: '1', CACHE: '$HOME/cache' },
      unrunnable: null,
    })
    expect(recipe?.docker).toEqual({
      entrypoint: null,
      mounts: [],
      shm: '10.24gb',
      network: 'host',
      privileged: false,
      gpus: 'all',
      user: 'root',
      cache: '/root/.cache/huggingface',
    })
    expect(findings.map(formatFinding)).toEqual([
      'note: recipes/qwen.yaml:35:3: env.HF_TOKEN: ${HF_TOKEN} is not expanded, and left out; write the value out, or set it on the Spark',
      'note: recipes/qwen.yaml:36:3: env.CACHE: is passed as written; nothing is expanded; write it out',
      'note: recipes/qwen.yaml:40:3: executor_config.restart_policy: is left out; Spark Control itself sees to what runs',
      'note: recipes/qwen.yaml:56:1: command: nothing fills {nobody}, it is passed as written; set nobody under defaults',
    ])
    expect(argv(everything)).toEqual([
      ...'vllm serve org/Model-FP8 --host 0.0.0.0 --port 8888 -tp 1 --gpu-memory-utilization 0.7'.split(' '),
      '--limit-mm-per-prompt',
      '{"image": 4}',
      '--speculative-config',
      '{"method": "mtp", "num_speculative_tokens": 2}',
      ...'--sizes [1,2] --url http://127.0.0.1:8888/v1 --left {nobody}'.split(' '),
      ...'--served-model-name my-model --revision 0123456789abcdef0123456789abcdef01234567'.split(' '),
    ])
  })

  test('without a command gets the one sparkrun makes of its defaults', () => {
    const text = `${base}defaults:
  quantization: fp8
  tensor_parallel: 1
  port: 8000
  max_model_len: 32768
  trust_remote_code: true
  enforce_eager: false
  enable_prefix_caching: "yes"
  distributed_executor_backend: mp
  tool_call_parser: hermes
`
    expect(argv(text).join(' ')).toBe(
      'vllm serve org/Model-FP8 -tp 1 --port 8888 --max-model-len 32768 --quantization fp8 --enable-prefix-caching --trust-remote-code',
    )
    expect(notes(text)).toEqual([
      'note: recipes/qwen.yaml:5:1: defaults: tool_call_parser: no flag is made of these without a command; write a command',
    ])
  })

  test.each<[string, string, string]>([
    ['one Spark and an image', '', 'docker'],
    ['mods', 'mods: [mods/fix-x]\n', 'launch-cluster'],
    ['mods where early recipes have them', 'runtime_config: { mods: [mods/fix-x] }\n', 'launch-cluster'],
    ['two Sparks by min_nodes', 'min_nodes: 2\n', 'launch-cluster'],
    ['two Sparks by mode', 'mode: cluster\n', 'launch-cluster'],
    ['two Sparks by cluster_only', 'cluster_only: true\n', 'launch-cluster'],
    ['a runtime of our own block', 'spark_control: { runtime: launch-cluster }\n', 'launch-cluster'],
  ])('with %s is started by its runtime', (_, more, runtime) => {
    const { recipe } = load(base + serve + more)
    expect(recipe).toMatchObject({ runtime, unrunnable: null })
    expect(recipe?.nodes).toBe(/2|cluster_only|mode/.test(more) ? 2 : 1)
    expect(recipe?.docker === null).toBe(runtime !== 'docker')
  })

  test('of eugr-vllm is started by the launcher it was made for', () => {
    expect(load(base.replace('runtime: vllm', 'runtime: eugr-vllm') + serve).recipe?.runtime).toBe('launch-cluster')
  })

  test.each<[string, string]>([
    ['it is for sglang, and only vLLM is started here', base.replace('runtime: vllm', 'runtime: sglang')],
    ['it is for atlas, and only vLLM is started here', base.replace('runtime: vllm', 'runtime: atlas')],
    ['it runs commands of its own (pre_exec)', `${base}${serve}pre_exec: [pip install x]`],
    ['it runs commands of its own (post_exec)', `${base}${serve}post_exec: [curl x]`],
    ['it runs commands of its own (post_commands)', `${base}${serve}post_commands: [curl x]`],
    ['its image is built by kaniko', `${base}${serve}builder: kaniko`],
    ['its mod @other/fix is no folder of spark-vllm-docker', `${base}${serve}mods: ['@other/fix']`],
    ['it asks for 2 Sparks and allows 1', `${base}max_nodes: 1\ncommand: vllm serve {model} -tp 2`],
    ['its command has an unquoted "&"', `${base}command: cd /x && vllm serve {model}`],
    ['its command sets --tensor-parallel-size to "auto"', `${base}command: vllm serve {model} -tp auto`],
  ])('loads and says: %s', (reason, text) => {
    const { recipe, findings } = load(text)
    expect(recipe?.unrunnable).toBe(reason)
    expect(findings.some(({ problem }) => problem === `cannot be launched: ${reason}`)).toBe(true)
  })

  test.each<[string, string]>([
    ['sglang', 'python3 -m sglang.launch_server --model-path {model}'],
    ['llama-cpp', 'llama-server -hf {model}'],
    ['trtllm', 'trtllm-serve {model}'],
  ])('without a runtime is known for %s by its command', (engine, command) => {
    const text = `recipe_version: "2"\nmodel: org/Model-GGUF:Q4_K_M\ncontainer: x\ncommand: ${command}\n`
    expect(load(text).recipe).toMatchObject({
      repo: 'org/Model-GGUF',
      unrunnable: `it is for ${engine}, and only vLLM is started here`,
    })
  })

  test('needs no version where a key shows what it is, and no container', () => {
    const text = 'model: Qwen/Qwen3-1.7B\nmin_nodes: 1\ncommand: vllm serve {model}\n'
    expect(load(text).recipe?.container).toBe('ghcr.io/spark-arena/dgx-vllm-eugr-nightly-tf5:latest')
  })

  test.each<[string, string]>([
    ['recipes/qwen.yaml:1:1: "model" is missing; add model: the model on Hugging Face, org/name', 'runtime: vllm\n'],
    ['recipes/qwen.yaml:2:8: model: "Model" is not allowed; write it as org/name', 'runtime: vllm\nmodel: Model\n'],
    [
      'recipes/qwen.yaml:6:12: min_nodes: expected integer, got string ("two"); write an integer',
      `${base}${serve}min_nodes: two\n`,
    ],
    [
      'recipes/qwen.yaml:6:8: env: the name "A-B" is not allowed; use letters, digits or underscores',
      `${base}${serve}env: { A-B: 1 }\n`,
    ],
    ['recipes/qwen.yaml:5:10: command: expected string, got a list; write a string', `${base}command: [a]\n`],
    [
      'recipes/qwen.yaml:6:18: spark_control: unknown key "runtim"; did you mean "runtime"?',
      `${base}${serve}spark_control: { runtim: docker }\n`,
    ],
  ])('%s', (line, text) => {
    expect(load(text).recipe).toBeNull()
    expect(notes(text)).toEqual([line])
  })

  test.each<[string, string, string]>([
    [
      'names that stand for names',
      `{ a: '${'{b}'.repeat(2500)}', b: '${'{c}'.repeat(2500)}', c: x }`,
      '{a}'.repeat(8000),
    ],
    ['one long value', `{ a: '${'x{b}'.repeat(2000)}', b: y }`, '{a}'.repeat(100)],
    ['aliases', `{ a: &a ${'x'.repeat(50_000)}, b: [${Array(90).fill('*a').join(', ')}] }`, 'vllm serve {model} {b}'],
  ])('keeps nothing of what %s would make of a small file', (_, defaults, command) => {
    const { recipe } = load(`${base}defaults: ${defaults}\ncommand: "${command}"\n`)
    expect(recipe?.unrunnable).toMatch(/^its command (is longer than 128 kB|has defaults of more than 256 kB)$/)
    expect(recipe?.command).toBe('')
    expect(recipe?.defaults).toEqual({})
  })

  test('never throws, and gives a command whenever it can be launched', () => {
    const word = fc.constantFrom(
      'vllm serve',
      '{model}',
      '{a}',
      '{b}',
      '{x}',
      '{',
      '}',
      '{{',
      "'",
      '"',
      ';',
      '\\',
      '\n',
      '-tp 2',
    )
    const value = fc.oneof(
      fc.constantFrom('{a}', '{b}{a}', '{port}', '{"x": {y}}', "it's", ''),
      fc.integer(),
      fc.boolean(),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), value, value, (words, a, b) => {
        const text = `${base}defaults: ${JSON.stringify({ a, b })}\ncommand: ${JSON.stringify(words.join(' '))}\n`
        const { recipe } = load(text)
        expect(recipe).not.toBeNull()
        if (recipe?.unrunnable === null) expect(recipeCommand(recipe, { port: 1 }).length).toBeGreaterThan(0)
      }),
    )
  })
})
