import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { read } from '../../../machine/files'
import { StartError } from './failure'

/** A model on disk, as the server needs it. */
export interface Checkpoint {
  architecture: string
  /** Bytes of each file of weights. */
  shards: number[]
  vision: boolean
  maxPosition: number
  vocabulary: number
  layers: number
  /** Values kept per token in the KV cache, over all layers that keep any. */
  kvValuesPerToken: number
  mtp: boolean
}

interface TextConfig {
  num_hidden_layers?: number
  num_attention_heads?: number
  num_key_value_heads?: number
  hidden_size?: number
  head_dim?: number
  kv_lora_rank?: number
  qk_rope_head_dim?: number
  layer_types?: string[]
  hybrid_override_pattern?: string
  max_position_embeddings?: number
  rope_scaling?: { rope_type?: string; factor?: number }
  mtp_num_hidden_layers?: number
  num_nextn_predict_layers?: number
  vocab_size?: number
}

/** Reads a model from a folder, or from the Hugging Face cache that `environment` names. Throws StartError. */
export function readCheckpoint(model: string, environment: Record<string, string | undefined>): Checkpoint {
  const folder = existsSync(join(model, 'config.json')) ? model : findSnapshot(model, environment)
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as TextConfig & {
    architectures?: string[]
    text_config?: TextConfig
    vision_config?: object
  }
  const text = config.text_config ?? config
  return {
    architecture: config.architectures?.[0] ?? 'unknown',
    shards: weightFiles(model, folder).map((file) => sizeOf(file)),
    vision: config.vision_config !== undefined,
    maxPosition: contextOf(text),
    vocabulary: text.vocab_size ?? 32000,
    layers: text.num_hidden_layers ?? 1,
    kvValuesPerToken: kvValues(text),
    mtp: (text.mtp_num_hidden_layers ?? text.num_nextn_predict_layers ?? 0) > 0,
  }
}

/** The hub directory, found as huggingface_hub finds it. */
export function hubDirectory(environment: Record<string, string | undefined>): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HOME = '' } = environment
  return (
    HF_HUB_CACHE ??
    HUGGINGFACE_HUB_CACHE ??
    (HF_HOME ? join(HF_HOME, 'hub') : join(XDG_CACHE_HOME ?? join(HOME, '.cache'), 'huggingface/hub'))
  )
}

function findSnapshot(model: string, environment: Record<string, string | undefined>): string {
  const repo = join(hubDirectory(environment), `models--${model.replaceAll('/', '--')}`)
  const commit = read(join(repo, 'refs/main')).trim()
  const snapshot = join(repo, 'snapshots', commit)
  if (commit && existsSync(join(snapshot, 'config.json'))) return snapshot
  throw new StartError(
    "OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.\n" +
      "Check your internet connection or see how to run the library in offline mode at 'https://huggingface.co/docs/transformers/installation#offline-mode'.",
  )
}

function weightFiles(model: string, folder: string): string[] {
  const index = read(join(folder, 'model.safetensors.index.json'))
  const names = index
    ? [...new Set(Object.values((JSON.parse(index) as { weight_map: Record<string, string> }).weight_map))]
    : readdirSync(folder).filter((name) => name.endsWith('.safetensors') || name.endsWith('.bin'))
  const files = names.map((name) => join(folder, name))
  if (files.length > 0 && files.every((file) => existsSync(file))) return files
  if (files.length === 0) throw new StartError(`RuntimeError: Cannot find any model weights with \`${model}\``)
  throw new StartError(
    'huggingface_hub.errors.LocalEntryNotFoundError: An error happened while trying to locate the files on the Hub and we cannot find the appropriate snapshot folder for the specified revision on the local disk. Please check your internet connection and try again.',
  )
}

function contextOf(text: TextConfig): number {
  const { rope_type, factor = 1 } = text.rope_scaling ?? {}
  return (text.max_position_embeddings ?? 2048) * (rope_type === 'llama3' || rope_type === 'longrope' ? 1 : factor)
}

/** Linear attention, Mamba and sliding windows keep next to nothing, so only full attention counts. */
function kvValues(text: TextConfig): number {
  const layers = text.num_hidden_layers ?? 1
  if (text.kv_lora_rank) return layers * (text.kv_lora_rank + (text.qk_rope_head_dim ?? 0))
  const pattern = text.hybrid_override_pattern ?? ''
  const kinds =
    text.layer_types ?? (pattern ? [...pattern].map((kind) => (kind === '*' ? 'full_attention' : kind)) : null)
  const full = kinds ? kinds.filter((kind) => kind === 'full_attention').length : layers
  const heads = text.num_attention_heads ?? 1
  return 2 * full * (text.num_key_value_heads ?? heads) * (text.head_dim ?? (text.hidden_size ?? 0) / heads)
}

function sizeOf(file: string): number {
  return statSync(file).size
}
