import { expect, test } from 'bun:test'
import { type Found, published, suggested } from './suggestion.sample'

test('suggest() gives Qwen3.6 MoE by NVIDIA Marlin experts and the Triton drafter, as its makers publish it', () => {
  const { words, value, ...found } = suggested(published('nvidia/Qwen3.6-35B-A3B-NVFP4'))
  expect(found).toMatchObject({
    nodes: 1,
    image: 'vllm-node',
    runtime: 'launch-cluster',
    confidence: 'sure',
    problems: [],
  })
  expect(found.capabilities).toEqual(['chat', 'vision', 'reasoning', 'tools'])
  expect(value('--moe-backend')).toBe('marlin')
  expect(JSON.parse(value('--speculative-config') ?? '')).toMatchObject({ method: 'mtp', moe_backend: 'triton' })
  expect(JSON.parse(value('--mm-processor-kwargs') ?? '')).toEqual({ max_pixels: 2_000_000 })
  expect([value('--reasoning-parser'), value('--tool-call-parser')]).toEqual(['qwen3', 'qwen3_xml'])
  expect(words.slice(0, 3)).toEqual(['vllm', 'serve', 'nvidia/Qwen3.6-35B-A3B-NVFP4'])
  expect(found.flags.find(({ flag }) => flag === '--moe-backend')?.reason).toContain('older advice')
})

test('suggest() gives the same model in compressed-tensors the CUTLASS experts, and no drafter it may lack', () => {
  const { value, confidence, flags } = suggested(published('RedHatAI/Qwen3.6-35B-A3B-NVFP4'))
  expect(confidence).toBe('likely')
  expect(value('--moe-backend')).toBe('flashinfer_cutlass')
  expect(value('--speculative-config')).toBeUndefined()
  expect(flags.find(({ flag }) => flag === '--speculative-config')).toMatchObject({ value: null })
})

test('suggest() leaves the experts of a Gemma MoE to vLLM, caps its images by tokens and says what marlin was for', () => {
  const { value, flags, capabilities } = suggested(published('nvidia/Gemma-4-26B-A4B-NVFP4'))
  expect(capabilities).toEqual(['chat', 'vision', 'reasoning', 'tools'])
  expect(value('--moe-backend')).toBeUndefined()
  expect(flags.find(({ flag }) => flag === '--moe-backend')?.reason).toMatch(/Older advice was marlin/)
  expect(JSON.parse(value('--mm-processor-kwargs') ?? '')).toEqual({ max_soft_tokens: 560 })
  expect(value('--kv-cache-dtype')).toBe('fp8')
})

test('suggest() takes the image that is there, with the runtime that it needs', () => {
  const image = 'vllm/vllm-openai:gemma4-cu130'
  const { recipe, ...found } = suggested({ ...published('nvidia/Gemma-4-26B-A4B-NVFP4'), images: [image] })
  expect(found).toMatchObject({ image, runtime: 'docker', problems: [] })
  expect(recipe).toMatchObject({ runtime: 'docker', container: image, docker: { entrypoint: 'keep' } })
  const none = suggested({ ...published('nvidia/Gemma-4-26B-A4B-NVFP4'), images: ['ubuntu:24.04'] })
  expect(none.problems).toEqual([
    'the image vllm-node is not on the Sparks; run build-and-copy.sh of spark-vllm-docker there',
  ])
  const tagged = suggested({ ...published('nvidia/Qwen3.6-27B-NVFP4'), images: ['vllm-node:latest'] })
  expect(tagged.problems).toEqual([])
})

/** What else people run: its Sparks, its image, what it can do, and the flags that tell its family. */
const others: [string, number, string, string[], Record<string, string | undefined>][] = [
  [
    'nvidia/Qwen3.6-27B-NVFP4',
    1,
    'vllm-node',
    ['chat', 'vision', 'reasoning', 'tools'],
    { '--moe-backend': undefined },
  ],
  [
    'Qwen/Qwen3-8B',
    1,
    'vllm-node',
    ['chat', 'reasoning', 'tools'],
    { '--kv-cache-dtype': undefined, '--max-model-len': '40960' },
  ],
  [
    'nvidia/Llama-3.1-8B-Instruct-FP8',
    1,
    'vllm-node',
    ['chat', 'tools'],
    { '--tool-call-parser': 'llama3_json', '--max-model-len': '131072' },
  ],
  [
    'nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4',
    1,
    'vllm-node',
    ['chat', 'reasoning', 'tools'],
    { '--mamba-ssm-cache-dtype': 'float32', '--reasoning-parser': 'nemotron_v3' },
  ],
  [
    'nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4',
    1,
    'vllm-node',
    ['chat', 'reasoning', 'tools'],
    { '--max-num-seqs': '4', '--moe-backend': undefined },
  ],
  [
    'openai/gpt-oss-120b',
    1,
    'vllm-node-mxfp4',
    ['chat', 'reasoning', 'tools'],
    { '--mxfp4-backend': 'CUTLASS', '--tool-call-parser': 'openai' },
  ],
  [
    'cyankiwi/MiniMax-M2.7-AWQ-4bit',
    2,
    'vllm-node',
    ['chat', 'reasoning', 'tools'],
    { '--tensor-parallel-size': '2', '--reasoning-parser': 'minimax_m2' },
  ],
  [
    'cyankiwi/GLM-4.7-Flash-AWQ-4bit',
    1,
    'vllm-node',
    ['chat', 'reasoning', 'tools'],
    { '--tool-call-parser': 'glm47', '--reasoning-parser': 'glm45' },
  ],
  [
    'deepseek-ai/DeepSeek-V4-Flash',
    2,
    'vllm-node-b12x',
    ['chat', 'reasoning', 'tools'],
    { '--tokenizer-mode': 'deepseek_v4', '--max-model-len': '200000' },
  ],
  [
    'Qwen/Qwen3-Coder-Next-FP8',
    1,
    'vllm-node',
    ['chat', 'tools'],
    { '--tool-call-parser': 'qwen3_coder', '--reasoning-parser': undefined },
  ],
  [
    'nvidia/Qwen3-235B-A22B-Instruct-2507-NVFP4',
    2,
    'vllm-node',
    ['chat', 'tools'],
    { '--tool-call-parser': 'hermes', '--tensor-parallel-size': '2' },
  ],
  [
    'Intel/Qwen3.5-122B-A10B-int4-AutoRound',
    1,
    'vllm-node',
    ['chat', 'vision', 'reasoning', 'tools'],
    { '--chat-template': 'unsloth.jinja' },
  ],
  ['Qwen/Qwen3-VL-Embedding-8B', 1, 'vllm-node', ['embed'], { '--runner': 'pooling', '--max-num-seqs': undefined }],
  ['Qwen/Qwen3-Reranker-4B', 1, 'vllm-node', ['rerank'], { '--runner': 'pooling', '--max-num-batched-tokens': '8192' }],
  ['BAAI/bge-m3', 1, 'vllm-node', ['embed'], { '--load-format': undefined, '--max-model-len': undefined }],
]

test.each(others)('suggest() launches %s on %d in %s', (repo, nodes, image, capabilities, flags) => {
  const { recipe, value, ...found } = suggested(published(repo))
  expect(found).toMatchObject({ nodes, image, capabilities, problems: [] })
  expect(recipe).toMatchObject({ nodes, container: image, repo, clusterOnly: nodes > 1, unrunnable: null })
  for (const [flag, wanted] of Object.entries(flags)) expect([flag, value(flag)]).toEqual([flag, wanted])
  if (found.flags.some(({ flag }) => flag.startsWith('VLLM_'))) expect(Object.keys(recipe.env)).not.toEqual([])
})

/** What tells the family of a model whose architecture is shared by several. */
test.each<[string, object, Record<string, string | undefined>]>([
  [
    'moonshotai/Kimi-K2-Instruct',
    { architectures: ['DeepseekV3ForCausalLM'], model_type: 'kimi_k2' },
    { '--tool-call-parser': 'kimi_k2', '--reasoning-parser': undefined },
  ],
  [
    'moonshotai/Kimi-K2-Thinking',
    { architectures: ['DeepseekV3ForCausalLM'], model_type: 'kimi_k2' },
    { '--tool-call-parser': 'kimi_k2', '--reasoning-parser': 'kimi_k2' },
  ],
  [
    'deepseek-ai/DeepSeek-R1-0528',
    { architectures: ['DeepseekV3ForCausalLM'], model_type: 'deepseek_v3' },
    { '--tool-call-parser': 'deepseek_v3', '--reasoning-parser': 'deepseek_r1' },
  ],
  [
    'deepseek-ai/DeepSeek-V3.1',
    { architectures: ['DeepseekV3ForCausalLM'], model_type: 'deepseek_v3' },
    { '--tool-call-parser': 'deepseek_v31', '--reasoning-parser': 'deepseek_v3' },
  ],
  [
    'nvidia/NVIDIA-Nemotron-Nano-9B-v2',
    { architectures: ['NemotronHForCausalLM'], model_type: 'nemotron_h' },
    {
      '--tool-call-parser': undefined,
      '--enable-auto-tool-choice': undefined,
      '--reasoning-parser': undefined,
      '--mamba-ssm-cache-dtype': 'float32',
    },
  ],
  [
    'mistralai/Mistral-Small-3.2-24B-Instruct-2506',
    { architectures: ['Mistral3ForConditionalGeneration'], model_type: 'mistral3', vision_config: {} },
    { '--tokenizer-mode': 'mistral', '--config-format': 'mistral', '--load-format': 'mistral' },
  ],
  [
    'acme/Mistral-Small-3.2-24B-Instruct-2506-NVFP4',
    { architectures: ['Mistral3ForConditionalGeneration'], model_type: 'mistral3', vision_config: {} },
    { '--tokenizer-mode': undefined, '--load-format': 'fastsafetensors', '--tool-call-parser': 'mistral' },
  ],
  [
    'microsoft/Phi-4-reasoning-plus',
    { architectures: ['Phi3ForCausalLM'], model_type: 'phi3' },
    { '--tool-call-parser': undefined, '--enable-auto-tool-choice': undefined },
  ],
  [
    'deepseek-ai/DeepSeek-R1-Distill-Llama-70B',
    { architectures: ['LlamaForCausalLM'], model_type: 'llama' },
    { '--reasoning-parser': 'deepseek_r1', '--tool-call-parser': undefined },
  ],
  [
    'Qwen/Qwen2.5-7B-Instruct',
    { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' },
    { '--tool-call-parser': 'hermes', '--reasoning-parser': undefined },
  ],
])('suggest() gives %s the parsers of its own family', (repo, config, flags) => {
  const { value, problems } = suggested({
    repo,
    found: { config: config as Found['config'], quantConfig: null, weightBytes: 8e9, layout: 'hub' },
  })
  for (const [flag, wanted] of Object.entries(flags)) expect([flag, value(flag)]).toEqual([flag, wanted])
  expect(problems).toEqual([])
})

test('suggest() names no length to a model that gives numbers, for its tokenizer may take less than its config says', () => {
  const { flags, recipe } = suggested(published('BAAI/bge-m3'))
  expect(flags.find(({ flag }) => flag === '--max-model-len')).toMatchObject({ value: null })
  expect(recipe.defaults).not.toHaveProperty('max_model_len')
})

test('suggest() leaves the share of memory open, so that it is computed at launch', () => {
  const { recipe } = suggested(published('Qwen/Qwen3-8B'))
  expect(recipe.defaults).not.toHaveProperty('gpu_memory_utilization')
  expect(recipe.command).toContain('--gpu-memory-utilization {gpu_memory_utilization}')
})

test('suggest() says how many Sparks are wanting, and keeps docker alone to one Spark', () => {
  expect(suggested({ ...published('cyankiwi/MiniMax-M2.7-AWQ-4bit'), hosts: 1 }).problems).toEqual([
    'needs 2 Sparks, the service has 1',
  ])
  const { found } = published('nvidia/Gemma-4-26B-A4B-NVFP4')
  const large = { repo: 'acme/gemma-4-large', found: { ...found, weightBytes: 150e9 } }
  expect(suggested({ ...large, images: ['vllm/vllm-openai:gemma4-cu130'] })).toMatchObject({
    nodes: 2,
    image: 'vllm-node',
    runtime: 'launch-cluster',
  })
})

test('suggest() says so of an architecture nobody knows, and keeps its images small all the same', () => {
  const config = {
    architectures: ['Zebra9ForCausalLM'],
    model_type: 'zebra9',
    vision_config: {},
    auto_map: { AutoModel: 'x.Y' },
  }
  const { value, ...found } = suggested({
    repo: 'acme/zebra-9',
    found: { config, quantConfig: null, weightBytes: 8e9, layout: 'folder' },
  })
  expect(found).toMatchObject({ confidence: 'guess', capabilities: ['chat', 'vision'] })
  expect(found.problems).toEqual([
    'nothing is kept here about Zebra9ForCausalLM; whether vLLM loads it is not known, and parsers are left out',
    'it asks for Python code of its own repo; where it does not start, and you trust who made it, add --trust-remote-code',
  ])
  expect(value('--mm-processor-kwargs')).toBe('{"max_pixels":2000000}')
  expect(value('--trust-remote-code')).toBeUndefined()
})

test('suggest() says so of GGUF, of a drafter, and of a model without a readable config', () => {
  const bare: Found = { config: null, quantConfig: null, weightBytes: 8e9, layout: 'hub' }
  expect(suggested({ repo: 'acme/x-GGUF', found: { ...bare, layout: 'gguf' } })).toMatchObject({
    confidence: 'guess',
    problems: [expect.stringMatching(/^it is GGUF, .* runtime script/)],
  })
  expect(suggested({ repo: 'acme/x', found: bare }).problems[0]).toMatch(/no config.json/)
  expect(suggested(published('google/gemma-4-26B-A4B-it-assistant')).problems[0]).toMatch(/^it is a drafter/)
})

test('suggest() finds an id that nothing else has', () => {
  const { repo, found } = published('RedHatAI/Qwen3.6-35B-A3B-NVFP4')
  const id = (taken: string[], name = repo) => suggested({ repo: name, found, taken }).recipeId
  expect(id([])).toBe('qwen3.6-35b-a3b-nvfp4')
  expect(id(['qwen3.6-35b-a3b-nvfp4'])).toBe('redhatai-qwen3.6-35b-a3b-nvfp4')
  expect(id(['qwen3.6-35b-a3b-nvfp4', 'redhatai-qwen3.6-35b-a3b-nvfp4'])).toBe('2-redhatai-qwen3.6-35b-a3b-nvfp4')
  expect(id([], 'acme/chat')).toBe('acme-chat')
})
