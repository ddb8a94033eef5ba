import type { FoundModel } from '../disk/found-model'
import { geometry } from '../memory/geometry'
import { count, field, list, record, text } from './reading'

/** What a model's config.json says of its shape; null where it does not. */
export interface Shape {
  architecture: string
  modelType: string
  moe: boolean
  vision: boolean
  /** It holds a head that drafts tokens. */
  mtp: boolean
  /** It asks for Python code of its own repo. */
  ownCode: boolean
  layers: number | null
  heads: number | null
  /** Null for latent attention too, whose cache every rank holds whole. */
  kvHeads: number | null
  /** Tokens it was made for. */
  context: number | null
}

/** Reads a config.json, whatever it holds. */
export function shape(config: FoundModel['config']): Shape {
  // Models that also see or hear keep their language model's facts one level down.
  const inner =
    record(field(config, 'text_config')) ?? record(field(record(field(config, 'thinker_config')), 'text_config'))
  const first = (...names: string[]) =>
    names.map((name) => field(inner, name) ?? field(config, name)).find((value) => value != null)
  const number = (...names: string[]) => count(first(...names))
  return {
    architecture: text(list(field(config, 'architectures'))[0]) ?? '',
    modelType: text(field(config, 'model_type')) ?? '',
    moe:
      (number('num_experts', 'num_local_experts', 'n_routed_experts') ?? 0) > 1 && first('enable_moe_block') !== false,
    vision: ['vision_config', 'thinker_config', 'embd_layer'].some((name) => record(field(config, name)) !== null),
    mtp: (number('mtp_num_hidden_layers', 'num_nextn_predict_layers') ?? 0) > 0,
    ownCode: record(field(config, 'auto_map')) !== null,
    layers: number('num_hidden_layers'),
    heads: number('num_attention_heads'),
    kvHeads: first('kv_lora_rank') == null ? number('num_key_value_heads') : null,
    context: geometry(config)?.context ?? null,
  }
}
