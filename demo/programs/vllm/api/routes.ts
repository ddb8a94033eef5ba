import { type Call, json, type Reply } from '../../server'
import { EngineDeadError } from '../model/engine'
import { promptText } from '../model/turn'
import { VERSION } from '../start/version'
import { accept, resolveModel, type Serving } from './accept'
import { chatReply, chatStream, now, readChat } from './chat'
import { completionReply, completionStream, readCompletion } from './completions'
import { ApiError, anthropicErrorBody, errorReply, readJson } from './errors'
import { messagesReply, messagesStream, readMessages } from './messages'
import { readResponses, responsesReply, responsesStream } from './responses'

type Body = Record<string, unknown>
type Route = (call: Call, serving: Serving) => Reply | Promise<Reply>

const OPEN = ['/health', '/ping', '/load', '/version']

const routes: Record<string, Route> = {
  'GET /health': health,
  'GET /ping': health,
  'POST /ping': health,
  'GET /version': () => json({ version: VERSION }),
  'GET /load': () => json({ server_load: 0 }),
  'GET /v1/models': (_, serving) => json(modelList(serving)),
  'GET /metrics': (_, { engine }) => ({
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: engine.metrics.text(engine.gauges()),
  }),
  'POST /tokenize': withBody(tokenize),
  'POST /detokenize': withBody((body, _, serving) => {
    resolveModel(serving, typeof body.model === 'string' ? body.model : '')
    return json({ prompt: serving.tokenizer.decode((body.tokens ?? []) as number[]) })
  }),
  'POST /v1/chat/completions': withBody(async (body, { signal }, serving) => {
    const turn = readChat(body)
    const answer = accept(serving, turn, { prefix: 'chatcmpl-', signal })
    const { include_usage = false, continuous_usage_stats = false } = (body.stream_options ?? {}) as Record<
      string,
      boolean
    >
    return turn.stream
      ? chatStream(answer, { usage: include_usage, continuous: continuous_usage_stats })
      : chatReply(answer)
  }),
  'POST /v1/completions': withBody(async (body, { signal }, serving) => {
    const { turn, prompt } = readCompletion(body, serving.tokenizer.decode)
    const answer = accept(serving, turn, { prefix: 'cmpl-', signal, prompt })
    const { include_usage = false } = (body.stream_options ?? {}) as Record<string, boolean>
    return turn.stream ? completionStream(answer, include_usage) : completionReply(answer)
  }),
  'POST /v1/responses': withBody(async (body, { signal }, serving) => {
    const turn = readResponses(body)
    const answer = accept(serving, turn, { prefix: 'resp_', signal })
    return turn.stream ? responsesStream(answer) : responsesReply(answer)
  }),
  'POST /v1/messages': withBody(async (body, { signal }, serving) => {
    const turn = readMessages(body)
    const answer = accept(serving, turn, { prefix: 'chatcmpl-', signal })
    return turn.stream ? messagesStream(answer) : messagesReply(answer)
  }, anthropicErrorBody),
  'POST /v1/messages/count_tokens': withBody((body, _, serving) => {
    const { messages } = readMessages({ max_tokens: 1, ...body })
    return json({ input_tokens: serving.tokenizer.count(promptText({ messages })), context_management: null })
  }, anthropicErrorBody),
}

const pooling: Record<string, Route> = {
  'POST /v1/embeddings': withBody(() => {
    throw new ApiError(501, 'the stand-in embeds nothing; the embedder beside it does')
  }),
}

/** Answers one request as a ready vLLM does. */
export async function route(call: Call, serving: Serving): Promise<Reply> {
  if (!allowed(call, serving)) return json({ error: 'Unauthorized' }, 401)
  const table = serving.launch.pooling ? { ...routes, ...pooling } : routes
  const found = table[`${call.method} ${call.path}`]
  if (found) return found(call, serving)
  const known = Object.keys(table).some((key) => key.endsWith(` ${call.path}`))
  return known ? json({ detail: 'Method Not Allowed' }, 405) : json({ detail: 'Not Found' }, 404)
}

/** With a key set, these builds guard all but the liveness paths. */
function allowed({ path, headers }: Call, { launch }: Serving): boolean {
  return (
    launch.apiKeys.length === 0 ||
    OPEN.includes(path) ||
    launch.apiKeys.some((key) => headers.authorization === `Bearer ${key}`)
  )
}

function withBody(
  run: (body: Body, call: Call, serving: Serving) => Reply | Promise<Reply>,
  shape?: (error: ApiError) => object,
): Route {
  return async (call, serving) => {
    try {
      return await run(readJson(await call.text(), call.headers['content-type']), call, serving)
    } catch (error) {
      return errorReply(error instanceof EngineDeadError ? new ApiError(500, error.message) : error, shape)
    }
  }
}

function health(_: Call, { engine }: Serving): Reply {
  return { status: engine.alive() ? 200 : 503 }
}

function modelList({ names, root, maxModelLen }: Serving) {
  const created = now()
  const permission = () => ({
    id: `modelperm-${crypto.randomUUID().replaceAll('-', '')}`,
    object: 'model_permission',
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: '*',
    group: null,
    is_blocking: false,
  })
  const card = (id: string) => ({
    id,
    object: 'model',
    created,
    owned_by: 'vllm',
    root,
    parent: null,
    max_model_len: maxModelLen,
    permission: [permission()],
  })
  return { object: 'list', data: names.map(card) }
}

function tokenize(body: Body, _: Call, serving: Serving): Reply {
  resolveModel(serving, typeof body.model === 'string' ? body.model : '')
  const text = typeof body.prompt === 'string' ? body.prompt : promptText(readChat(body))
  const tokens = serving.tokenizer.encode(text)
  return json({ count: tokens.length, max_model_len: serving.maxModelLen, tokens, token_strs: null })
}
