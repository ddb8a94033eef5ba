import type { FoundEngine } from './found'

/** How what was recognised is declared. */
export interface Template {
  id: string
  kind: string
  title: string
  probe?: string
  /** Its model is named, and chooses it among others on the same path. */
  named?: boolean
  offers?: string
  routes: { method?: string; path: string; to: string; timeout: string }[]
  facts?: string
}

const comfy: Template = {
  id: 'comfy',
  kind: 'http',
  title: 'ComfyUI',
  probe: '/system_stats',
  routes: [{ path: '/v1/images', to: '/prompt', timeout: '120s' }],
  facts: '[{ label: Queue, path: /prompt, from: /exec_info/queue_remaining, unit: jobs }]',
}

const embeddings: Template = {
  id: 'embed',
  kind: 'http',
  title: 'Embeddings',
  probe: '/health',
  named: true,
  offers: 'embed',
  routes: [{ path: '/v1/embeddings', to: '/v1/embeddings', timeout: '60s' }],
}

const reranker: Template = {
  id: 'rerank',
  kind: 'http',
  title: 'Rerank',
  probe: '/health',
  named: true,
  offers: 'rerank',
  routes: [{ path: '/v1/rerank', to: '/v1/rerank', timeout: '60s' }],
}

const speech: Template = {
  id: 'speech',
  kind: 'http',
  title: 'Speech',
  probe: '/health',
  offers: 'tts',
  routes: [
    { path: '/v1/audio/speech', to: '/v1/audio/speech', timeout: '120s' },
    { method: 'GET', path: '/v1/audio/voices', to: '/v1/audio/voices', timeout: '10s' },
  ],
}

const transcriber: Template = {
  id: 'transcribe',
  kind: 'http',
  title: 'Transcription',
  probe: '/health',
  offers: 'stt',
  routes: [{ path: '/v1/audio/transcriptions', to: '/v1/audio/transcriptions', timeout: '600s' }],
}

const byEngine: Record<string, Template> = {
  comfyui: comfy,
  kokoro: speech,
  speech,
  parakeet: transcriber,
  whisper: transcriber,
  transcriber,
  infinity: { ...embeddings, routes: [{ path: '/v1/embeddings', to: '/embeddings', timeout: '60s' }] },
  'text-embeddings-inference': embeddings,
}

/** The declaration for an engine; null for what belongs to another service or to this program. */
export function templateOf({ recognised }: FoundEngine, kinds: readonly string[]): Template | null {
  const { engine, title, models, kind, probe } = recognised
  if (engine === 'ray' || engine === 'spark-control') return null
  const served = models.join(' ')
  const embeds = byEngine[engine] === embeddings || engine === 'infinity' || kind !== 'http'
  if (embeds && /rerank/i.test(served)) return reranker
  if (byEngine[engine]) return byEngine[engine]
  if (kind !== 'http' && /\b(bge|e5|gte|embed\w*|minilm)\b/i.test(served)) return { ...embeddings, probe: '/v1/models' }
  const id = engine.replace(/[^a-z0-9-]/g, '-')
  const plain = title.replace(/^an? /, '')
  // What no launcher of ours runs is watched and passed on, not driven.
  if (kind !== 'http' && kinds.includes('openai')) return { id, kind: 'openai', title: plain, routes: [] }
  return { id, kind: 'http', title: plain, probe: probe ?? '/v1/models', routes: [] }
}
