import { expect, test } from 'bun:test'
import { recipeCommand } from './command'
import { loadRecipe } from './recipe-file'

// The three shapes that spark-vllm-docker publishes, in words of our own.
const solo = `recipe_version: "1"
name: Small MoE
model: org/Small-MoE-NVFP4
container: vllm-node
env:
  VLLM_MARLIN_USE_ATOMIC_ADD: 1
defaults: { port: 8000, host: 0.0.0.0, tensor_parallel: 1, gpu_memory_utilization: 0.4, max_model_len: 262144 }
command: |
  vllm serve org/Small-MoE-NVFP4 \\
    --host {host} --port {port} -tp {tensor_parallel} \\
    --gpu-memory-utilization {gpu_memory_utilization} --max-model-len {max_model_len} \\
    --moe-backend marlin --kv-cache-dtype fp8 --load-format fastsafetensors \\
    --reasoning-parser qwen3 --tool-call-parser qwen3_xml --enable-auto-tool-choice \\
    --speculative-config '{{"method":"mtp","num_speculative_tokens":3,"moe_backend":"triton"}}'
`
const special = `recipe_version: "1"
name: Special build
model: org/open-120b
container: vllm-node-mxfp4
build_args: [--exp-mxfp4]
solo_only: true
defaults: { gpu_memory_utilization: 0.7 }
command: >-
  vllm serve org/open-120b --gpu-memory-utilization {gpu_memory_utilization}
  --quantization mxfp4 --mxfp4-backend CUTLASS --reasoning-parser openai_gptoss
`
const cluster = `recipe_version: "1"
name: Large int4
model: org/Large-int4-AutoRound
container: vllm-node
cluster_only: true
mods: [mods/fix-large-autoround, mods/fix-large-chat-template]
defaults: { tensor_parallel: 2 }
env: { VLLM_MARLIN_USE_ATOMIC_ADD: "1" }
command: |
  vllm serve org/Large-int4-AutoRound -tp {tensor_parallel} \\
    --chat-template unsloth.jinja --distributed-executor-backend ray
`

test.each<[string, string, object, string]>([
  [
    'for one Spark',
    solo,
    {
      nodes: 1,
      soloOnly: false,
      env: { VLLM_MARLIN_USE_ATOMIC_ADD: '1' },
      capabilities: ['chat', 'reasoning', 'tools'],
    },
    '--speculative-config {"method":"mtp","num_speculative_tokens":3,"moe_backend":"triton"}',
  ],
  [
    'of a special build',
    special,
    { nodes: 1, soloOnly: true, container: 'vllm-node-mxfp4' },
    '--mxfp4-backend CUTLASS',
  ],
  [
    'for several Sparks with mods',
    cluster,
    { nodes: 2, clusterOnly: true, mods: ['mods/fix-large-autoround', 'mods/fix-large-chat-template'] },
    '-tp 2 --chat-template unsloth.jinja --distributed-executor-backend ray',
  ],
])('a published recipe %s loads unchanged', (_, text, fields, words) => {
  const { recipe, findings } = loadRecipe({ text, file: 'recipes/x.yaml' })
  expect(findings).toEqual([])
  expect(recipe).toMatchObject({ ...fields, runtime: 'launch-cluster', unrunnable: null })
  expect(recipe && recipeCommand(recipe, { port: 8888 }).join(' ')).toContain(words)
})
