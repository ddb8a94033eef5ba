import { type LayerKind, layerKinds } from './layer-kinds'
import { stateBytes } from './state-bytes'

/** Layers of one sort, by what each keeps of a sequence. */
export type KeptLayers =
  /** Keys and values: `values` of one token and head together; of the last `window` tokens, null: of all. */
  | { kind: 'attention'; count: number; heads: number; values: number; window: number | null }
  /** Latent vectors, one for `every` so many tokens; `sparse` ones have scales beside them when they are 8 bits wide. */
  | { kind: 'latent'; count: number; values: number; every: number; window: number | null; sparse: boolean }
  /** One state, however long the sequence. */
  | { kind: 'state'; count: number; bytes: number }

/** What of a model's shape decides how much memory a sequence takes. */
export interface Geometry {
  kept: KeptLayers[]
  /** All layers, those without a cache too. */
  layers: number
  /** Tokens it was made for; null where it does not say. */
  context: number | null
  experts: number
  vision: boolean
  dtype: string | null
}

type Config = Readonly<Record<string, unknown>>

/** Reads a config.json; null for what is no language model, or one whose form is not known. Never throws. */
export function geometry(config: Config | null): Geometry | null {
  if (config === null) return null
  const text = textOf(config)
  const layers = whole(text, 'num_hidden_layers', 'n_layer', 'num_layers')
  if (layers === null || layers > 2000) return null
  const kept = compressed(text, layers) ?? plain(text, layers)
  if (kept === null) return null
  return {
    kept: kept.filter(({ count }) => count > 0),
    layers,
    context: contextOf(text),
    experts: whole(text, 'num_experts', 'num_local_experts', 'n_routed_experts') ?? 0,
    vision: isObject(config.vision_config) || isObject(config.vision_tower_config),
    dtype: [text.dtype, text.torch_dtype].find((each) => typeof each === 'string') ?? null,
  }
}

/** What transformers leaves out of a config.json because its class has it as default. */
const familyDefaults: Record<string, Config> = {
  gemma2: { head_dim: 256, sliding_window_pattern: 2 },
  gemma3_text: {
    head_dim: 256,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    sliding_window_pattern: 6,
    max_position_embeddings: 131_072,
  },
  cohere2: { sliding_window_pattern: 4 },
  gpt_oss: { sliding_window_pattern: 2 },
}

/** The language model's part: multimodal models nest it. */
function textOf(config: Config): Config {
  const inner = isObject(config.thinker_config) ? config.thinker_config : config
  const nested = ['text_config', 'llm_config', 'language_config'].map((name) => inner[name]).find(isObject)
  const text = { ...inner, ...nested }
  return { ...familyDefaults[String(text.model_type)], ...text }
}

/** DeepSeek V4: a short window of whole latents in every layer, and behind it one for 4 or 128 tokens (vllm.ai/blog/deepseek-v4). */
function compressed(text: Config, layers: number): KeptLayers[] | null {
  const { compress_ratios } = text
  const values = whole(text, 'head_dim')
  if (!Array.isArray(compress_ratios) || compress_ratios.length < layers || values === null) return null
  const ratios = compress_ratios.slice(0, layers)
  const index = whole(text, 'index_head_dim') ?? 0
  const latent = { kind: 'latent', window: null, sparse: true } as const
  return [
    { ...latent, count: layers, values, every: 1, window: whole(text, 'sliding_window') ?? 128 },
    ...[...new Set(ratios)].flatMap((ratio): KeptLayers[] => {
      if (typeof ratio !== 'number' || !(ratio >= 1)) return []
      const count = ratios.filter((each) => each === ratio).length
      // Only the layers with little compression choose among their entries, and keep an index for it.
      return [{ ...latent, count, values: values + (ratio <= 16 ? index : 0), every: ratio }]
    }),
  ]
}

function plain(text: Config, layers: number): KeptLayers[] | null {
  const kinds = layerKinds(text, layers)
  // The last layers of small Gemmas read the cache of earlier ones.
  const own = kinds?.slice(0, layers - (whole(text, 'num_kv_shared_layers') ?? 0))
  if (!own) return null
  const count = (kind: LayerKind) => own.filter((each) => each === kind).length
  const [full, sliding, state] = [count('full'), count('sliding'), count('state')]
  const all = full === 0 ? [] : fullLayers(text, full, sliding > 0)
  const window = sliding === 0 ? [] : windowLayers(text, sliding)
  return all && window && [...all, ...window, { kind: 'state', count: state, bytes: stateBytes(text) }]
}

function fullLayers(text: Config, count: number, mixed: boolean): KeptLayers[] | null {
  const latent = whole(text, 'kv_lora_rank')
  if (latent !== null) {
    const values = latent + (whole(text, 'qk_rope_head_dim') ?? 0)
    const index = whole(text, 'index_head_dim')
    const kept = { kind: 'latent', count, every: 1, window: null, sparse: index !== null } as const
    return [{ ...kept, values }, ...(index === null ? [] : [{ ...kept, values: index }])]
  }
  const heads = (mixed ? whole(text, 'num_global_key_value_heads') : null) ?? keyHeads(text)
  const size = (mixed ? whole(text, 'global_head_dim') : null) ?? headSize(text)
  return attention(count, heads, size, whole(text, 'v_head_dim'), null)
}

function windowLayers(text: Config, count: number): KeptLayers[] | null {
  const window = whole(text, 'sliding_window', 'sliding_window_size', 'attention_chunk_size')
  const heads = whole(text, 'swa_num_key_value_heads') ?? keyHeads(text)
  const size = whole(text, 'swa_head_dim') ?? headSize(text)
  return attention(count, heads, size, whole(text, 'swa_v_head_dim', 'v_head_dim'), window)
}

function attention(
  count: number,
  heads: number | null,
  size: number | null,
  valueSize: number | null,
  window: number | null,
): KeptLayers[] | null {
  if (heads === null || size === null) return null
  return [{ kind: 'attention', count, heads, values: size + (valueSize ?? size), window }]
}

function keyHeads(text: Config): number | null {
  const names = ['num_key_value_heads', 'num_kv_heads', 'n_head_kv', 'multi_query_group_num', 'num_attention_groups']
  return whole(text, ...names) ?? (text.multi_query === true ? 1 : queryHeads(text))
}

const queryHeads = (text: Config) => whole(text, 'num_attention_heads', 'n_head')

function headSize(text: Config): number | null {
  const [hidden, heads] = [whole(text, 'hidden_size', 'n_embd', 'd_model'), queryHeads(text)]
  return whole(text, 'head_dim') ?? (hidden === null || heads === null ? null : Math.ceil(hidden / heads))
}

/** `max_position_embeddings`, stretched as vLLM does: by the factor, save where the file holds the stretched number already. */
function contextOf(text: Config): number | null {
  const longest = whole(text, 'max_position_embeddings', 'n_positions', 'max_sequence_length', 'seq_length')
  const scaling = [text.rope_scaling, text.rope_parameters].find(isObject) ?? {}
  const { factor } = scaling
  const type = String(scaling.rope_type ?? scaling.type)
  if (longest === null || typeof factor !== 'number' || !(factor >= 1 && factor < 1e4)) return longest
  if (/^(llama3|longrope|su|mrope|default|undefined)$/.test(type) || /^gemma3/.test(String(text.model_type)))
    return longest
  const unstretched = type === 'yarn' ? (whole(scaling, 'original_max_position_embeddings') ?? longest) : longest
  return Math.floor(unstretched * factor)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function whole(config: Config, ...names: string[]): number | null {
  for (const name of names) {
    const value = config[name]
    if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 2 ** 31) return value
  }
  return null
}
