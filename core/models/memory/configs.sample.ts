const sixth = (count: number) =>
  Array.from({ length: count }, (_, layer) => ((layer + 1) % 6 === 0 ? 'full_attention' : 'sliding_attention'))

const deepseek = { num_attention_heads: 128, kv_lora_rank: 512, qk_rope_head_dim: 64, num_hidden_layers: 61 }

/** Shape facts of real models' config.json, as far as memory depends on them; each with where it was read. */
export const configs = {
  // meta-llama/Llama-3.1-8B
  'llama-3.1-8b': {
    model_type: 'llama',
    num_hidden_layers: 32,
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    max_position_embeddings: 131_072,
    rope_scaling: { factor: 8, rope_type: 'llama3', original_max_position_embeddings: 8192 },
    torch_dtype: 'bfloat16',
  },
  // allenai/OLMo-2-1124-7B: every head has keys of its own, and no head_dim is told.
  'olmo-2-7b': { num_hidden_layers: 32, hidden_size: 4096, num_attention_heads: 32, max_position_embeddings: 4096 },
  // Qwen/Qwen3-8B with the stretched context of its model card.
  'qwen3-8b-yarn': {
    model_type: 'qwen3',
    num_hidden_layers: 36,
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    head_dim: 128,
    max_position_embeddings: 40_960,
    rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32_768 },
  },
  // Qwen/Qwen3.6-35B-A3B (spark-runtimes §5.6; state sizes from its text_config)
  'qwen3.6-35b-a3b': {
    model_type: 'qwen3_5_moe',
    text_config: {
      model_type: 'qwen3_5_moe_text',
      num_hidden_layers: 40,
      hidden_size: 2048,
      num_attention_heads: 16,
      num_key_value_heads: 2,
      head_dim: 256,
      full_attention_interval: 4,
      linear_num_key_heads: 16,
      linear_num_value_heads: 32,
      linear_key_head_dim: 128,
      linear_value_head_dim: 128,
      linear_conv_kernel_dim: 4,
      num_experts: 256,
      max_position_embeddings: 262_144,
      dtype: 'bfloat16',
    },
    vision_config: { depth: 27 },
  },
  // Qwen/Qwen3.6-27B
  'qwen3.6-27b': {
    text_config: {
      model_type: 'qwen3_5_text',
      num_hidden_layers: 64,
      hidden_size: 5120,
      num_attention_heads: 24,
      num_key_value_heads: 4,
      head_dim: 256,
      full_attention_interval: 4,
      max_position_embeddings: 262_144,
    },
    vision_config: { depth: 27 },
  },
  // Qwen/Qwen3-Coder-Next: flat, without layer_types
  'qwen3-coder-next': {
    model_type: 'qwen3_next',
    num_hidden_layers: 48,
    hidden_size: 2048,
    num_attention_heads: 16,
    num_key_value_heads: 2,
    head_dim: 256,
    full_attention_interval: 4,
    num_experts: 512,
    max_position_embeddings: 262_144,
  },
  // openai/gpt-oss-20b and -120b
  'gpt-oss-20b': gptOss(24, 32),
  'gpt-oss-120b': gptOss(36, 128),
  // google/gemma-3-27b-it: transformers' class defaults are left out
  'gemma-3-27b': {
    text_config: {
      model_type: 'gemma3_text',
      num_hidden_layers: 62,
      hidden_size: 5376,
      num_attention_heads: 32,
      num_key_value_heads: 16,
      head_dim: 128,
      sliding_window: 1024,
      rope_scaling: { factor: 8, rope_type: 'linear' },
    },
    vision_config: {},
  },
  // google/gemma-4-31B-it
  'gemma-4-31b': {
    text_config: {
      model_type: 'gemma4_text',
      num_hidden_layers: 60,
      hidden_size: 5376,
      num_attention_heads: 32,
      num_key_value_heads: 16,
      head_dim: 256,
      num_global_key_value_heads: 4,
      global_head_dim: 512,
      num_kv_shared_layers: 0,
      sliding_window: 1024,
      layer_types: sixth(60),
      max_position_embeddings: 262_144,
      num_experts: null,
      rope_parameters: { full_attention: { rope_type: 'proportional' }, sliding_attention: { rope_type: 'default' } },
    },
    vision_config: {},
  },
  // google/gemma-4-E2B-it: the last 20 layers read the cache of earlier ones
  'gemma-4-e2b': {
    text_config: {
      model_type: 'gemma4_text',
      num_hidden_layers: 35,
      hidden_size: 1536,
      num_attention_heads: 8,
      num_key_value_heads: 1,
      head_dim: 256,
      global_head_dim: 512,
      num_kv_shared_layers: 20,
      sliding_window: 512,
      layer_types: Array.from({ length: 35 }, (_, layer) =>
        (layer + 1) % 5 === 0 ? 'full_attention' : 'sliding_attention',
      ),
      max_position_embeddings: 131_072,
    },
  },
  // nvidia/NVIDIA-Nemotron-3.5-Lightning-30B-A3B (github.com/vllm-project/recipes pull 736; 23 mamba, 6 attention, 23 moe)
  'nemotron-3.5-lightning': {
    model_type: 'nemotron_h',
    num_hidden_layers: 52,
    hidden_size: 2688,
    num_attention_heads: 32,
    num_key_value_heads: 2,
    head_dim: 128,
    mamba_num_heads: 64,
    mamba_head_dim: 64,
    ssm_state_size: 128,
    conv_kernel: 4,
    n_groups: 8,
    n_routed_experts: 128,
    layers_block_type: [...Array(23).fill(['mamba', 'moe']).flat(), ...Array(6).fill('attention')],
    max_position_embeddings: 262_144,
  },
  // The same family's older form
  'nemotron-h-pattern': {
    model_type: 'nemotron_h',
    num_hidden_layers: 4,
    hidden_size: 1024,
    num_attention_heads: 8,
    num_key_value_heads: 2,
    head_dim: 128,
    mamba_num_heads: 16,
    mamba_head_dim: 64,
    ssm_state_size: 32,
    n_groups: 4,
    conv_kernel: 4,
    hybrid_override_pattern: 'M*E-',
  },
  // zai-org/GLM-4.7-Flash (vllm tests/transformers_utils: glm4_moe_lite)
  'glm-4.7-flash': {
    model_type: 'glm4_moe_lite',
    num_hidden_layers: 47,
    num_attention_heads: 20,
    num_key_value_heads: 20,
    kv_lora_rank: 512,
    qk_rope_head_dim: 64,
    v_head_dim: 256,
    n_routed_experts: 64,
    max_position_embeddings: 202_752,
  },
  // deepseek-ai/DeepSeek-V3
  'deepseek-v3': {
    ...deepseek,
    model_type: 'deepseek_v3',
    max_position_embeddings: 163_840,
    rope_scaling: { type: 'yarn', factor: 40, original_max_position_embeddings: 4096 },
    n_routed_experts: 256,
  },
  // deepseek-ai/DeepSeek-V3.2
  'deepseek-v3.2': { ...deepseek, model_type: 'deepseek_v32', index_head_dim: 128 },
  // deepseek-ai/DeepSeek-V4-Flash and -Pro
  'deepseek-v4-flash': deepseekV4(43, [0, 0, ...Array(20).fill([4, 128]).flat(), 4, 0]),
  'deepseek-v4-pro': deepseekV4(61, [...Array(30).fill(4), ...Array(31).fill(128)]),
  // cyankiwi/MiniMax-M2.7-AWQ-4bit
  'minimax-m2.7': {
    model_type: 'minimax_m2',
    num_hidden_layers: 62,
    hidden_size: 3072,
    num_attention_heads: 48,
    num_key_value_heads: 8,
    head_dim: 128,
    num_local_experts: 256,
    attn_type_list: Array(62).fill(1),
    max_position_embeddings: 196_608,
  },
} satisfies Record<string, Record<string, unknown>>

function gptOss(layers: number, experts: number) {
  return {
    model_type: 'gpt_oss',
    num_hidden_layers: layers,
    hidden_size: 2880,
    num_attention_heads: 64,
    num_key_value_heads: 8,
    head_dim: 64,
    sliding_window: 128,
    layer_types: Array.from({ length: layers }, (_, layer) =>
      layer % 2 === 0 ? 'sliding_attention' : 'full_attention',
    ),
    num_local_experts: experts,
    max_position_embeddings: 131_072,
    rope_scaling: { rope_type: 'yarn', factor: 32, original_max_position_embeddings: 4096 },
  }
}

function deepseekV4(layers: number, ratios: number[]) {
  return {
    model_type: 'deepseek_v4',
    num_hidden_layers: layers,
    num_attention_heads: 64,
    num_key_value_heads: 1,
    head_dim: 512,
    index_head_dim: 128,
    sliding_window: 128,
    compress_ratios: ratios,
    max_position_embeddings: 1_048_576,
  }
}
