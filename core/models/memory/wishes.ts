import { commandWords, pinnedUtilization, runsVllm } from '../command'
import { CommandProblem } from '../command-problem'
import { flagValue } from '../flags'
import type { Recipe } from '../recipe'

/** What a recipe's command says of memory; a null is not said. */
export interface Wishes {
  /** It is vLLM, which is told what share of memory it gets; anything else takes what it needs. */
  vllm: boolean
  /** `--gpu-memory-utilization`, over 0 to 1. */
  share: number | null
  /** `--gpu-memory-utilization-gb` (a mod of spark-vllm-docker), in bytes. */
  shareBytes: number | null
  /** `--kv-cache-memory-bytes`: the KV cache is that large, whatever the share. */
  cacheBytes: number | null
  /** Tokens of one sequence; null: as many as the model allows. */
  context: number | null
  /** `auto` or -1: the engine itself shortens the context to what fits. */
  contextGives: boolean
  sequences: number | null
  batchedTokens: number
  /** Bytes of one value of the KV cache. */
  valueBytes: number
  tensorParallel: number
  pipelineParallel: number
  /** Most sequences that CUDA graphs are captured for; 0: none are. */
  captured: number
  /** `--quantization`: weights may become smaller as they are read. */
  quantises: boolean
  /** How weights are read; null: by vLLM's own loader. */
  loader: string | null
  /** Repo of a drafter with weights of its own. */
  drafter: string | null
  /** Tokens drafted ahead; 0 without speculation. */
  drafted: number
  /** States that a linear layer keeps of a sequence: `align` one more for prefix caching, `all` one each block. */
  stateMode: 'none' | 'align' | 'all'
}

/** Reads the flags of a recipe that memory depends on, as its runtime will get them; what cannot be read counts as not said. */
export function wishesOf(recipe: Recipe): Wishes {
  if (recipe.runtime === 'script') return { ...readWishes(recipe.script?.start ?? [], recipe.repo), vllm: false }
  const argv = argvOf(recipe)
  return { ...readWishes(argv, recipe.repo), share: pinnedUtilization(recipe), vllm: runsVllm(argv, recipe) }
}

function argvOf(recipe: Recipe): string[] {
  try {
    return commandWords(recipe, { port: 8888 })
  } catch (error) {
    if (error instanceof CommandProblem) return []
    throw error
  }
}

/** The same of an argument list. */
export function readWishes(argv: readonly string[], served = ''): Wishes {
  const value = (...names: string[]) => flagValue(argv, names)
  const size = (...names: string[]) => wholeNumber(value(...names)) ?? 1
  const share = Number(value('--gpu-memory-utilization') || Number.NaN)
  const gibs = Number(value('--gpu-memory-utilization-gb') || Number.NaN)
  const length = value('--max-model-len', '--ctx-size')
  const { model, tokens } = speculation(argv)
  const sequences = wholeNumber(value('--max-num-seqs'))
  const captured = wholeNumber(value('--max-cudagraph-capture-size'))
  return {
    vllm: true,
    share: share > 0 && share <= 1 ? share : null,
    shareBytes: gibs > 0 && gibs < 1e6 ? gibs * 2 ** 30 : null,
    cacheBytes: wholeNumber(value('--kv-cache-memory-bytes')),
    context: wholeNumber(length),
    contextGives: length === 'auto' || length === '-1',
    sequences,
    // vLLM's own for a server on a GPU of 70 GiB and more (EngineArgs.get_batch_defaults).
    batchedTokens: wholeNumber(value('--max-num-batched-tokens')) ?? 8192,
    valueBytes: valueBytes(value('--kv-cache-dtype')),
    tensorParallel: size('-tp', '--tensor-parallel-size'),
    pipelineParallel: size('-pp', '--pipeline-parallel-size'),
    captured: value('--enforce-eager') === undefined ? (captured ?? capturedFor(sequences, tokens)) : 0,
    quantises: value('-q', '--quantization') !== undefined,
    loader: value('--load-format') ?? null,
    drafter: model === served ? null : model,
    drafted: tokens,
    stateMode: stateMode(value('--mamba-cache-mode'), value('--no-enable-prefix-caching') !== undefined),
  }
}

/** As vLLM does by itself: twice what runs at once, at most 512; it runs 1024 on a GPU of this size where nothing is said. */
function capturedFor(sequences: number | null, drafted: number): number {
  return Math.min((sequences ?? 1024) * (1 + drafted) * 2, 512)
}

/** vLLM's number for people: `131072`, `128k` (thousands), `128K` (of 1024). */
function wholeNumber(text: string | undefined): number | null {
  const [, digits = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)([kmgKMG]?)$/.exec(text ?? '') ?? []
  const scale = { '': 1, k: 1e3, m: 1e6, g: 1e9, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit] ?? 1
  const number = Math.floor(Number(digits) * scale)
  return number > 0 && number <= 1e15 ? number : null
}

/** `auto` counts as 16 bits: only newer builds take the checkpoint's own fp8 scheme for it. */
function valueBytes(dtype = 'auto'): number {
  if (/^(fp8|int8)/.test(dtype)) return 1
  // Two values a byte, and a byte of scale for each 16 (vllm/v1/kv_cache_interface.py, nvfp4_kv_cache_full_dim).
  if (dtype === 'nvfp4') return 1 / 2 + 1 / 16
  return dtype === 'float32' ? 4 : 2
}

function stateMode(mode: string | undefined, noPrefixCaching: boolean): Wishes['stateMode'] {
  if (mode === 'none' || mode === 'align' || mode === 'all') return mode
  return noPrefixCaching ? 'none' : 'align'
}

function speculation(argv: readonly string[]): { model: string | null; tokens: number } {
  const given = flagValue(argv, ['--speculative-config', '-sc'])
  const parsed = given === undefined ? null : parsedObject(given)
  const model = parsed?.model ?? flagValue(argv, ['--speculative-config.model'])
  const tokens = parsed?.num_speculative_tokens ?? flagValue(argv, ['--speculative-config.num-speculative-tokens'])
  const count = wholeNumber(tokens === undefined ? undefined : String(tokens))
  const drafts = parsed !== null || model !== undefined
  return { model: typeof model === 'string' ? model : null, tokens: count ?? (drafts ? 1 : 0) }
}

function parsedObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
