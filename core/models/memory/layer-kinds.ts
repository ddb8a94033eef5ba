/** What a layer keeps of a sequence: every token, those of a window, one state, or nothing. */
export type LayerKind = 'full' | 'sliding' | 'state' | 'none'

type Config = Readonly<Record<string, unknown>>

/**
 * What each layer of a model keeps, from any of the forms a config.json says it in.
 * @returns null where it says it in a form that is not known, or for another number of layers
 */
export function layerKinds(text: Config, count: number): LayerKind[] | null {
  if (text.block_configs !== undefined) return null
  for (const read of [named, every, listed, local, windowed]) {
    const kinds = read(text, count)
    if (kinds !== undefined) return kinds
  }
  return fill(count, () => 'full')
}

type Reading = LayerKind[] | null | undefined

/** `layer_types` and `layers_block_type` name each layer; Nemotron-H's pattern has a letter for each. */
function named({ layer_types, layers_block_type, hybrid_override_pattern }: Config, count: number): Reading {
  const names = layer_types ?? layers_block_type ?? hybrid_override_pattern
  if (typeof names !== 'string' && !Array.isArray(names)) return undefined
  const each: unknown[] = typeof names === 'string' ? [...names.replaceAll('|', '')] : names
  // More than layers: those of multi-token prediction stand at the end.
  return each.length < count ? null : each.slice(0, count).map(kindOf)
}

function kindOf(name: unknown): LayerKind {
  const text = String(name).toLowerCase()
  if (/linear|mamba|recurrent|conv|delta|kda|lightning|ssm|^m$/.test(text)) return 'state'
  if (/sliding|local|window|swa|chunked/.test(text)) return 'sliding'
  return /^(mlp|moe|ffn|e|-)$/.test(text) ? 'none' : 'full'
}

/** One attention layer in so many: Qwen3-Next and 3.5 (the last of each four), Jamba (a period with an offset). */
function every({ full_attention_interval, attn_layer_period, attn_layer_offset }: Config, count: number): Reading {
  const [period, offset] =
    full_attention_interval === undefined
      ? [attn_layer_period, attn_layer_offset ?? 0]
      : [full_attention_interval, Number(full_attention_interval) - 1]
  if (typeof period !== 'number' || !(period >= 1)) return undefined
  return fill(count, (layer) => (layer % period === offset ? 'full' : 'state'))
}

/** Attention layers by number (Kimi Linear counts from 1), or a list of 1 and 0 (MiniMax-01). */
function listed({ linear_attn_config, attn_layer_indices, attn_type_list }: Config, count: number): Reading {
  const linear = linear_attn_config as { full_attn_layers?: unknown } | null | undefined
  const full = linear?.full_attn_layers
  if (Array.isArray(full)) return fill(count, (layer) => (full.includes(layer + 1) ? 'full' : 'state'))
  if (Array.isArray(attn_layer_indices))
    return fill(count, (layer) => (attn_layer_indices.includes(layer) ? 'full' : 'state'))
  if (!Array.isArray(attn_type_list)) return undefined
  return attn_type_list.length < count ? null : fill(count, (layer) => (attn_type_list[layer] === 0 ? 'state' : 'full'))
}

/** Layers with a window by number (Inkling), or a list of 1 and 0 (MiMo). */
function local({ local_layer_ids, hybrid_layer_pattern }: Config, count: number): Reading {
  if (Array.isArray(local_layer_ids))
    return fill(count, (layer) => (local_layer_ids.includes(layer) ? 'sliding' : 'full'))
  if (!Array.isArray(hybrid_layer_pattern)) return undefined
  if (hybrid_layer_pattern.length < count) return null
  return fill(count, (layer) => (hybrid_layer_pattern[layer] === 1 ? 'sliding' : 'full'))
}

/** A window without a list of layers: one in `sliding_window_pattern` is full, or none at all (Mistral 7B v0.1). */
function windowed(text: Config, count: number): Reading {
  const { sliding_window, use_sliding_window, max_window_layers } = text
  if (typeof sliding_window !== 'number' || use_sliding_window === false) return undefined
  const pattern = text.sliding_window_pattern ?? text._sliding_window_pattern
  if (typeof pattern === 'number' && pattern >= 1)
    return fill(count, (layer) => ((layer + 1) % pattern === 0 ? 'full' : 'sliding'))
  // Qwen 2 counts which layers have the window differently from one build to the next: all full is the safe reading.
  return max_window_layers === undefined ? fill(count, () => 'sliding') : undefined
}

function fill(count: number, kind: (layer: number) => LayerKind): LayerKind[] {
  return Array.from({ length: count }, (_, layer) => kind(layer))
}
