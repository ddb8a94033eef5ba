import { CommandProblem } from './command-problem'
import type { Recipe } from './recipe'
import { maxLength } from './template'

type Values = Recipe['defaults']

/** What the command of a sparkrun recipe is, in the template of our own recipes. */
export interface SparkrunCommand {
  command: string
  defaults: Values
  /** Names in braces that nothing fills. */
  unknown: string[]
  /** Defaults that no flag stands for, where the command is built of them. */
  unused: string[]
}

// What sparkrun makes of defaults for vLLM, in its order; everything else needs a command.
const flags: Record<string, string> = {
  port: '--port',
  host: '--host',
  gpu_memory_utilization: '--gpu-memory-utilization',
  max_model_len: '--max-model-len',
  max_num_batched_tokens: '--max-num-batched-tokens',
  max_num_seqs: '--max-num-seqs',
  served_model_name: '--served-model-name',
  dtype: '--dtype',
  quantization: '--quantization',
  enforce_eager: '--enforce-eager',
  enable_prefix_caching: '--enable-prefix-caching',
  trust_remote_code: '--trust-remote-code',
  pipeline_parallel: '-pp',
  data_parallel: '--data-parallel-size',
  kv_cache_dtype: '--kv-cache-dtype',
  otlp_traces_endpoint: '--otlp-traces-endpoint',
  api_key: '--api-key',
}
const switches = new Set(['enforce_eager', 'enable_prefix_caching', 'trust_remote_code'])
const deepest = 8

/**
 * Turns a template with single braces into ours: names that are known are placeholders, every other brace is meant.
 * @throws {CommandProblem} where it would be longer than a program can take
 */
export function sparkrunCommand(
  written: string | null,
  model: string,
  defaults: Record<string, unknown>,
): SparkrunCommand {
  const values = scalars(defaults)
  if (!written?.trim()) return built(model, values)
  const known = { model, ...values }
  // A blank behind a backslash is a slip of the hand that sparkrun forgives.
  const template = inlined(written.trim().replace(/\\[ \t]+\n/g, '\\\n'), known)
  const unknown = new Set<string>()
  const command = template.replace(/\{([A-Za-z_]\w*)\}|[{}]/g, (token, name?: string) => {
    if (name !== undefined && (Object.hasOwn(known, name) || given.has(name))) return token
    if (name !== undefined) unknown.add(name)
    return token.replace(/[{}]/g, '$&$&')
  })
  const name = values.served_model_name
  const serves = name === undefined || command.includes('--served-model-name')
  return {
    command: short(serves ? command : `${command} --served-model-name {served_model_name}`, command.length),
    defaults: known,
    unknown: [...unknown],
    unused: [],
  }
}

const given = new Set(['port', 'host', 'gpu_memory_utilization'])
const placeholder = /\{[A-Za-z_]\w*\}/
const everyPlaceholder = /\{([A-Za-z_]\w*)\}/g

/** Values may name other values; those that do are written out, as long as that stays short enough to be run. */
function inlined(template: string, values: Values): string {
  const named = new Map(
    Object.entries(values).filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && placeholder.test(entry[1]) && !entry[1].includes(`{${entry[0]}}`),
    ),
  )
  let text = short(template, template.length)
  for (let round = 0; round < deepest; round++) {
    const before = text
    let length = before.length
    text = before.replace(everyPlaceholder, (token, name: string) => {
      const value = named.get(name) ?? token
      length += value.length - token.length
      // A few short names make gigabytes in one round, so that it is held while it is written out.
      return short(value, length)
    })
    if (text === before) break
  }
  return text
}

function short(text: string, length: number): string {
  if (length <= maxLength) return text
  throw new CommandProblem('is longer than 128 kB', 'shorten it; no program takes so much')
}

function built(model: string, values: Values): SparkrunCommand {
  const words = ['vllm serve {model}']
  if (isSet(values.tensor_parallel)) words.push('-tp {tensor_parallel}')
  for (const [key, flag] of Object.entries(flags)) {
    const value = values[key]
    if (value === undefined) continue
    if (!switches.has(key)) words.push(`${flag} {${key}}`)
    else if (isSet(value)) words.push(flag)
  }
  const known = [...Object.keys(flags), 'tensor_parallel', 'distributed_executor_backend']
  const unused = Object.keys(values).filter((key) => !known.includes(key))
  return { command: words.join(' '), defaults: { model, ...values }, unknown: [], unused }
}

const isSet = (value: unknown) => value !== undefined && !/^(false|no|off|0|)$/i.test(String(value))

/** A blank is not there; lists and maps are meant as JSON. */
function scalars(defaults: Record<string, unknown>): Values {
  const entries = Object.entries(defaults).flatMap(([key, value]): [string, string | number | boolean][] => {
    if (value === null || value === undefined) return []
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [[key, value]]
    return [[key, JSON.stringify(value)]]
  })
  // Aliases in the file make lists far longer than the file.
  if (entries.reduce((sum, [, value]) => sum + String(value).length, 0) > 2 * maxLength)
    throw new CommandProblem('has defaults of more than 256 kB', 'shorten them; no program takes so much')
  return Object.fromEntries(entries)
}
