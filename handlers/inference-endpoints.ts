import type { Endpoint } from './kind'

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

/** What every inference engine serves, shared by the request's `model`; one that lacks a path says so itself. */
export function inferenceEndpoints(): Endpoint[] {
  return paths.map(([path, summary, example]) => ({ method: 'POST', path, to: path, summary, example, byModel: true }))
}
