/** What an inference engine says of its work, read from its Prometheus text; null is a figure that it does not tell. */
export interface EngineMetrics {
  engine: 'vLLM' | 'SGLang' | 'llama.cpp' | 'TensorRT-LLM'
  running: number | null
  waiting: number | null
  /** Tokens generated since it started. */
  tokens: number | null
  /** A sum that changes as long as work goes on, and stands still when the engine does. */
  moved: number
  /** Fullest KV cache, 0 to 1. */
  cache: number | null
  /** For the watch, which tells busy from stalled by it; null where nobody can tell how many requests run. */
  activity: { running: number; moved: number } | null
}

/** The names of one engine, each with the older ones behind it. */
interface Names {
  engine: EngineMetrics['engine']
  running: string[]
  waiting: string[]
  tokens: string[]
  moved: string[]
  cache: string[]
}

const engines: Record<string, Names> = {
  vllm: {
    engine: 'vLLM',
    running: ['num_requests_running'],
    waiting: ['num_requests_waiting'],
    tokens: ['generation_tokens_total'],
    // Not every counter: those of refused requests rise in a dead engine too. During a long prefill only its steps are counted.
    moved: ['generation_tokens_total', 'prompt_tokens_total', 'iteration_tokens_total_count', 'request_success_total'],
    cache: ['kv_cache_usage_perc', 'gpu_cache_usage_perc'],
  },
  sglang: {
    engine: 'SGLang',
    running: ['num_running_reqs'],
    waiting: ['num_queue_reqs'],
    tokens: ['generation_tokens_total'],
    // Its token counters move when a request ends; the tokens in use change while it is answered.
    moved: ['generation_tokens_total', 'prompt_tokens_total', 'realtime_tokens_total', 'num_used_tokens'],
    cache: ['token_usage'],
  },
  llamacpp: {
    engine: 'llama.cpp',
    running: ['requests_processing'],
    waiting: ['requests_deferred'],
    tokens: ['tokens_predicted_total'],
    // Its token counters move when a request ends; the decode calls while it is answered.
    moved: ['tokens_predicted_total', 'prompt_tokens_total', 'n_decode_total'],
    cache: ['kv_cache_usage_ratio'],
  },
  trtllm: {
    engine: 'TensorRT-LLM',
    running: ['num_requests_running'],
    waiting: ['num_requests_waiting'],
    tokens: ['generation_tokens_total'],
    moved: ['generation_tokens_total', 'prompt_tokens_total', 'request_success_total'],
    cache: ['kv_cache_utilization'],
  },
}

const asked = new Set(Object.values(engines).flatMap(({ engine: _, ...names }) => Object.values(names).flat()))
const row = new RegExp(
  `^(${Object.keys(engines).join('|')})[:_](${[...asked].join('|')})(?:\\{[^\\n]*\\})?[ \\t]+([0-9.eE+-]+)`,
  'gm',
)

// One server of eight engines tells fewer than a hundred of them.
const mostRows = 10_000

/** Reads the text of `/metrics`; null where it is of no engine that is known here. */
export function engineMetrics(text: string): EngineMetrics | null {
  const rows = new Map<string, { sum: number; most: number }>()
  let found: Names | null = null
  let read = 0
  for (const [, prefix = '', name = '', figure] of unquoted(text).matchAll(row)) {
    if (++read > mostRows) break
    found ??= engines[prefix] ?? null
    const value = Number(figure)
    if (found !== engines[prefix] || !Number.isFinite(value)) continue
    const { sum, most } = rows.get(name) ?? { sum: 0, most: value }
    rows.set(name, { sum: sum + value, most: Math.max(most, value) })
  }
  if (!found) return null
  const first = (names: string[]) => names.map((name) => rows.get(name)).find((each) => each !== undefined)
  const running = first(found.running)?.sum ?? null
  const moved = found.moved.reduce((total, name) => total + (rows.get(name)?.sum ?? 0), 0)
  return {
    engine: found.engine,
    running,
    waiting: first(found.waiting)?.sum ?? null,
    tokens: first(found.tokens)?.sum ?? null,
    moved,
    cache: first(found.cache)?.most ?? null,
    activity: running === null ? null : { running, moved },
  }
}

/** Some builds of llama.cpp answer the text as one JSON string (ggml-org/llama.cpp issue 17384). */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
