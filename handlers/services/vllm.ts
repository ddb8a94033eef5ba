import type { Ask, Probe } from '../../core/cluster/probe'
import type { FactView } from '../../core/cluster/snapshot'
import type { Service } from '../../core/config/cluster'
import type { Endpoint, Kind } from '../kind'

/** vLLM's OpenAI server, launched and swapped by the arbiter. */
export const kind: Kind = {
  kind: 'vllm',
  summary: 'vLLM, whose model the arbiter swaps; several hosts make a cluster launch',
  defaultPort: 8888,
  manyHosts: true,
  swappable: true,
  schema: { properties: {} },
  claims: (service) => endpoints(service).map(({ method, path }) => `${method} ${path} by model`),
  endpoints,
  probe,
}

// A capability is a name too: what is pasted works whatever model is loaded.
const question = { model: 'chat', messages: [{ role: 'user', content: 'Hello' }] }

// Only inference paths: the engine's own administration (/sleep, /collective_rpc, LoRA loading, …) is not reachable.
const paths: [path: string, summary: string, example: unknown][] = [
  ['/v1/chat/completions', 'Chat, streamed or whole (OpenAI)', question],
  ['/v1/completions', 'Text completion (OpenAI)', { model: 'chat', prompt: 'Once upon a time', max_tokens: 32 }],
  ['/v1/responses', 'Responses (OpenAI)', { model: 'chat', input: 'Hello' }],
  ['/v1/messages', 'Messages (Anthropic)', { ...question, max_tokens: 64 }],
  ['/v1/embeddings', 'Embeddings, when an embedding model is loaded', { model: 'embed', input: ['Hello'] }],
  [
    '/v1/rerank',
    'Rerank, when a reranking model is loaded',
    { model: 'rerank', query: 'fruit', documents: ['apple', 'car'] },
  ],
]

function endpoints(_service: Service): Endpoint[] {
  return paths.map(([path, summary, example]) => ({ method: 'POST', path, to: path, summary, example, byModel: true }))
}

function probe(): Probe {
  let last: { tokens: number; at: number } | null = null

  return async function look(ask) {
    const { status, text } = await ask('/v1/models')
    if (status === 503) return { state: 'down', cause: 'the engine has died', remedy: 'load the model again' }
    const models = readModels(status, text)
    const metrics = await readMetrics(ask)
    const now = performance.now()
    const speed =
      last && metrics && metrics.tokens >= last.tokens
        ? ((metrics.tokens - last.tokens) * 1000) / (now - last.at)
        : null
    last = metrics ? { tokens: metrics.tokens, at: now } : null
    return { state: 'up', models, facts: facts(models, metrics, speed) }
  }
}

function readModels(status: number, text: string): { id: string; root: string }[] {
  if (status !== 200) throw new Error(`/v1/models answered ${status}`)
  const { data } = JSON.parse(text) as { data?: { id?: unknown; root?: unknown }[] }
  if (!Array.isArray(data)) throw new Error('/v1/models is no list of models')
  return data.map(({ id, root }) => ({ id: String(id), root: String(root ?? id) }))
}

interface Metrics {
  running: number
  waiting: number
  tokens: number
  cache: number | null
}

async function readMetrics(ask: Ask): Promise<Metrics | null> {
  try {
    const { status, text } = await ask('/metrics')
    if (status !== 200) return null
    const sum = (name: string) => {
      const rows = [...text.matchAll(new RegExp(`^vllm:${name}(?:\\{[^}]*\\})? ([0-9.eE+-]+)$`, 'gm'))]
      return rows.length > 0 ? rows.reduce((total, row) => total + Number(row[1]), 0) : null
    }
    return {
      running: sum('num_requests_running') ?? 0,
      waiting: sum('num_requests_waiting') ?? 0,
      tokens: sum('generation_tokens_total') ?? 0,
      cache: sum('kv_cache_usage_perc') ?? sum('gpu_cache_usage_perc'),
    }
  } catch {
    return null
  }
}

function facts(models: { root: string }[], metrics: Metrics | null, speed: number | null): FactView[] {
  return [
    { label: 'Model', value: models[0]?.root ?? null, unit: null },
    { label: 'Running', value: metrics?.running ?? null, unit: 'requests' },
    { label: 'Waiting', value: metrics?.waiting ?? null, unit: 'requests' },
    { label: 'Speed', value: speed === null ? null : Math.round(speed * 10) / 10, unit: 'tokens/s' },
    { label: 'KV cache', value: metrics?.cache == null ? null : Math.round(metrics.cache * 1000) / 10, unit: '%' },
  ]
}
