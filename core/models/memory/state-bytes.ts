type Config = Readonly<Record<string, unknown>>

/**
 * Bytes that one linear layer keeps of a sequence, on one GPU: the recurrent state at 32 bits (what the families ask for;
 * 16 where a flag lowers it) and the last inputs of its convolution at 16 bits, as in vLLM's mamba_utils.py.
 */
export function stateBytes(text: Config): number {
  const number = (name: string, otherwise: number) => {
    const value = text[name]
    return typeof value === 'number' && value > 0 && value <= 1e6 ? value : otherwise
  }
  const heads = number('num_attention_heads', 32)
  const headSize = number('head_dim', number('hidden_size', 4096) / heads)
  if (/^(qwen3_next|qwen3_5)/.test(String(text.model_type)) || text.linear_num_value_heads !== undefined) {
    // Gated DeltaNet; a config.json may leave out what the class has as default.
    const keys = number('linear_num_key_heads', 16) * number('linear_key_head_dim', 128)
    const [valueHeads, valueSize] = [number('linear_num_value_heads', 32), number('linear_value_head_dim', 128)]
    const kept = number('linear_conv_kernel_dim', 4) - 1
    return (
      valueHeads * valueSize * number('linear_key_head_dim', 128) * 4 + (2 * keys + valueHeads * valueSize) * kept * 2
    )
  }
  if (text.conv_L_cache !== undefined) return number('hidden_size', 4096) * number('conv_L_cache', 3) * 2
  // Lightning and Kimi's delta attention: a square of each head.
  if (text.attn_type_list !== undefined || text.linear_attn_config !== undefined)
    return heads * headSize * headSize * 4 + 3 * heads * headSize * 3 * 2
  // Mamba 2, in Nemotron-H's and Granite's words.
  const inner =
    number('mamba_num_heads', number('mamba_n_heads', 128)) * number('mamba_head_dim', number('mamba_d_head', 64))
  const state = number('ssm_state_size', number('mamba_d_state', 128))
  const groups = number('n_groups', number('mamba_n_groups', 8))
  const kept = number('conv_kernel', number('mamba_d_conv', 4)) - 1
  return inner * state * 4 + (inner + 2 * groups * state) * kept * 2
}
