import { createHash } from 'node:crypto'
import type { DemoModel, ModelConfig } from './catalogue'

/** A file of a checkpoint: small ones carry all their `content`, weights only the header that stands before `bytes` of holes. */
export type ModelFile = { path: string; bytes: number; blob: string; large: boolean; content: Uint8Array }

const encoder = new TextEncoder()

/** The files of one model as the hub lists them, weights last. */
export function modelFiles(model: DemoModel): ModelFile[] {
  const config = modelConfig(model)
  const shards = model.weights ? [] : tensorShards(model)
  const small: Record<string, unknown> = {
    'config.json': config,
    'generation_config.json': { do_sample: true, temperature: 0.7, top_p: 0.95, transformers_version: '5.15.0' },
    'tokenizer_config.json': { tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: contextOf(config) },
    'tokenizer.json': { version: '1.0', added_tokens: [], model: { type: 'BPE', vocab: {}, merges: [] } },
    'chat_template.jinja': '{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}',
  }
  if (model.quantization?.quant_method === 'modelopt') {
    const { quant_algo } = model.quantization
    small['hf_quant_config.json'] = {
      producer: { name: 'modelopt', version: '0.37.0' },
      quantization: { quant_algo, kv_cache_quant_algo: 'FP8', exclude_modules: ['lm_head'] },
    }
  }
  if (shards.length > 1) {
    const weight_map = Object.fromEntries(shards.flatMap(({ path, tensors }) => tensors.map((name) => [name, path])))
    small['model.safetensors.index.json'] = { metadata: { total_size: model.bytes }, weight_map }
  }
  return [
    ...Object.entries(small).map(([path, value]) => smallFile(path, value)),
    ...shards.map(({ path, header, bytes }) => weightsFile(model.repo, path, bytes, header)),
    ...(model.weights ? [weightsFile(model.repo, model.weights, model.bytes, new Uint8Array())] : []),
  ]
}

/** The commit that `refs/main` of a model names: 40 hex digits. */
export function modelCommit(repo: string): string {
  return createHash('sha1').update(`commit ${repo}`).digest('hex')
}

function modelConfig({ config, quantization }: DemoModel): ModelConfig {
  const text = config.text_config as Record<string, unknown> | undefined
  const shape = withLayerTypes(text ?? config)
  const whole = text ? { ...config, text_config: shape } : { ...config, ...shape }
  return { ...whole, ...(quantization ? { quantization_config: quantization } : {}), transformers_version: '5.15.0' }
}

function withLayerTypes(text: Record<string, unknown>): Record<string, unknown> {
  const layers = Number(text.num_hidden_layers)
  const [other, every] = text.full_attention_interval
    ? ['linear_attention', Number(text.full_attention_interval)]
    : ['sliding_attention', text.sliding_window ? Number(text.sliding_window_pattern ?? 2) : 0]
  if (!every) return text
  const layer_types = Array.from({ length: layers }, (_, layer) => ((layer + 1) % every ? other : 'full_attention'))
  return { ...text, layer_types }
}

function contextOf(config: ModelConfig): number {
  const text = (config.text_config ?? config) as { max_position_embeddings?: number }
  return text.max_position_embeddings ?? 0
}

function tensorShards(model: DemoModel) {
  const text = (model.config.text_config ?? model.config) as { num_hidden_layers: number }
  const names = ['model.embed_tokens.weight']
  for (let layer = 0; layer < text.num_hidden_layers; layer++) names.push(`model.layers.${layer}.weight`)
  names.push('lm_head.weight')
  return Array.from({ length: model.shards }, (_, shard) => {
    const path =
      model.shards === 1 ? 'model.safetensors' : `model-${ordinal(shard + 1)}-of-${ordinal(model.shards)}.safetensors`
    const tensors = names.filter((_, index) => Math.floor((index * model.shards) / names.length) === shard)
    const data = part(model.bytes, model.shards, shard)
    const header = safetensorsHeader(tensors, data)
    return { path, tensors, header, bytes: header.length + data }
  })
}

function safetensorsHeader(tensors: string[], data: number): Uint8Array {
  let begin = 0
  const entries = tensors.map((name, index) => {
    const size = part(data, tensors.length, index)
    const entry = { dtype: 'U8', shape: [size], data_offsets: [begin, begin + size] }
    begin += size
    return [name, entry]
  })
  const text = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) })
  const padded = encoder.encode(text.padEnd(Math.ceil(text.length / 8) * 8))
  const header = new Uint8Array(8 + padded.length)
  new DataView(header.buffer).setBigUint64(0, BigInt(padded.length), true)
  header.set(padded, 8)
  return header
}

function smallFile(path: string, value: unknown): ModelFile {
  const content = encoder.encode(typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`)
  const blob = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
  return { path, bytes: content.length, blob, large: false, content }
}

function weightsFile(repo: string, path: string, bytes: number, header: Uint8Array): ModelFile {
  const blob = createHash('sha256').update(`${repo}/${path}`).digest('hex')
  return { path, bytes, blob, large: true, content: header }
}

function part(total: number, parts: number, index: number): number {
  return Math.floor((total * (index + 1)) / parts) - Math.floor((total * index) / parts)
}

function ordinal(number: number): string {
  return String(number).padStart(5, '0')
}
