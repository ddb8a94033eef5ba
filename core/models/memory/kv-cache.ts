import type { Geometry, KeptLayers } from './geometry'
import type { Wishes } from './wishes'

/** What of a launch decides the size of its KV cache. */
export type CacheWishes = Pick<
  Wishes,
  'valueBytes' | 'tensorParallel' | 'pipelineParallel' | 'batchedTokens' | 'drafted' | 'stateMode'
>

/** Tokens of a block; vLLM's default on CUDA. */
const blockTokens = 16

/**
 * Bytes of KV cache on one host that hold `sequences` sequences of `context` tokens each.
 *
 * After vLLM's own reckoning (vllm/v1/kv_cache_interface.py `max_memory_usage_bytes`, v1/core/kv_cache_utils.py
 * `_get_kv_cache_groups_uniform_page_size`): full attention keeps every token, a window the last `window - 1` and what one step
 * reads, a linear layer one state (and one for each token drafted, and one for prefix caching). Layers of several sorts share
 * pages of one size, so their numbers are rounded up to groups of equal length. Key heads are divided by tensor parallel and copied
 * where there are fewer heads than GPUs; latents have one head, and are on every GPU whole. Pipeline parallel divides layers.
 */
export function kvCacheBytes(geometry: Geometry, wishes: CacheWishes, context: number, sequences: number): number {
  const kept = onOneHost(geometry, wishes)
  // One sequence at a time is read in, and needs the room of a whole step in its windows; the others only go on.
  const first = sequenceBytes(kept, wishes, context, wishes.batchedTokens)
  return Math.ceil(first + Math.max(0, sequences - 1) * sequenceBytes(kept, wishes, context, 1))
}

/** Bytes that one more token of a long sequence takes in the whole model: what is published as size of a KV cache per token. */
export function tokenBytes({ kept }: Geometry, valueBytes: number): number {
  return sum(kept.filter(isGrowing), (each) => each.count * bytesOfToken(each, valueBytes, 1))
}

type Growing = Exclude<KeptLayers, { kind: 'state' }>

const isGrowing = (layers: KeptLayers): layers is Growing => layers.kind !== 'state' && layers.window === null

function onOneHost({ kept }: Geometry, { pipelineParallel, drafted }: CacheWishes): KeptLayers[] {
  const drafting = drafted > 0 ? kept.findIndex(isGrowing) : -1
  return kept.map((each, index) => ({
    ...each,
    // Multi-token prediction is one more layer of attention.
    count: Math.ceil(each.count / pipelineParallel) + (index === drafting ? 1 : 0),
  }))
}

function sequenceBytes(kept: KeptLayers[], wishes: CacheWishes, context: number, step: number): number {
  const page = pageOf(kept, wishes)
  if (page === null) return sum(kept, (each) => each.count * layerBytes(each, wishes, context, step))
  const counts = kept.map(({ count }) => count)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const group = most < least * 1.5 ? most : least
  return sum(
    kept,
    (each) => Math.ceil(each.count / group) * group * page.bytes * pages(each, wishes, context, step, page),
  )
}

/** What one layer holds where layers need not share pages. */
function layerBytes(layers: KeptLayers, wishes: CacheWishes, context: number, step: number): number {
  if (layers.kind === 'state') return stateOf(layers.bytes, wishes) * states(wishes)
  return Math.ceil(tokensOf(layers, context, step) / blockTokens) * blockTokens * bytesOf(layers, wishes)
}

interface Page {
  bytes: number
  /** Of the sort of layer that takes most for a token. */
  tokens: number
}

/** A page holds a block of each sort of layer; a state larger than that stretches the blocks. Null: no pages are shared. */
function pageOf(kept: KeptLayers[], wishes: CacheWishes): Page | null {
  // Latents are never padded: vLLM keeps pools of several page sizes for them (vllm.ai/blog/deepseek-v4).
  if (kept.length < 2 || kept.some(({ kind }) => kind === 'latent')) return null
  const token = Math.max(...kept.map((each) => (each.kind === 'state' ? 0 : bytesOf(each, wishes))))
  const state = Math.max(...kept.map((each) => (each.kind === 'state' ? stateOf(each.bytes, wishes) : 0)))
  if (token === 0) return null
  const tokens = Math.max(1, Math.ceil(state / (blockTokens * token))) * blockTokens
  return { bytes: tokens * token, tokens }
}

/** Pages that one layer holds. */
function pages(layers: KeptLayers, wishes: CacheWishes, context: number, step: number, page: Page): number {
  if (layers.kind === 'state') return wishes.stateMode === 'all' ? Math.ceil(context / page.tokens) : states(wishes)
  const perPage = Math.floor(page.bytes / bytesOf(layers, wishes))
  // A window may begin in the middle of a page.
  return Math.ceil(tokensOf(layers, context, step) / perPage) + (layers.window === null ? 0 : 1)
}

const states = ({ stateMode, drafted }: CacheWishes) => (stateMode === 'none' ? 1 : 2) + drafted

function tokensOf({ window }: Growing, context: number, step: number): number {
  return window === null ? context : Math.min(context, window - 1 + step)
}

const stateOf = (bytes: number, { tensorParallel }: CacheWishes) => Math.ceil(bytes / tensorParallel)

const bytesOf = (layers: Growing, { valueBytes, tensorParallel }: CacheWishes) =>
  bytesOfToken(layers, valueBytes, tensorParallel)

function bytesOfToken(layers: Growing, valueBytes: number, tensorParallel: number): number {
  if (layers.kind === 'attention')
    return Math.max(1, Math.ceil(layers.heads / tensorParallel)) * layers.values * valueBytes
  // `fp8_ds_mla`: 656 bytes for 576 values (vllm/v1/attention/backends/mla/flashmla_sparse.py).
  const scaled = layers.sparse && valueBytes === 1 ? 656 / 576 : valueBytes
  return (layers.values * scaled) / layers.every
}

function sum<T>(items: T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
