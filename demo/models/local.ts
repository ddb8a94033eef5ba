import type { DemoModel } from './catalogue'

/** What was trained at home: in `~/models` of the head from the start, and on no hub. */
export const localModels: readonly DemoModel[] = [
  {
    repo: 'acme/support-8b',
    bytes: 16_381_470_720,
    shards: 4,
    hosts: [0],
    config: {
      architectures: ['Qwen3ForCausalLM'],
      model_type: 'qwen3',
      hidden_size: 4096,
      intermediate_size: 12288,
      num_hidden_layers: 36,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      max_position_embeddings: 40960,
      vocab_size: 151936,
      dtype: 'bfloat16',
    },
  },
]
