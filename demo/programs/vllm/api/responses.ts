import { json, type Reply } from '../../server'
import type { Schema } from '../model/fill'
import { type Answer, contentText, type Message, numberOrNull, type Turn, type Usage } from '../model/turn'
import { now, sse } from './chat'
import { missingField } from './errors'

type Body = Record<string, unknown>

const DELTAS: Record<string, string> = {
  reasoning: 'reasoning_text',
  message: 'output_text',
  function_call: 'function_call_arguments',
}

type Item = Record<string, unknown> & { id: string; type: string }

/** Reads a request for /v1/responses. Throws ApiError. */
export function readResponses(body: Body): Turn {
  if (body.input === undefined || body.input === null) throw missingField('input')
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : (body.input as Body[])
  const { format } = (body.text ?? {}) as { format?: { type?: string; schema?: Schema } }
  const choice = body.tool_choice as Turn['toolChoice'] | undefined
  const tools = Array.isArray(body.tools) ? (body.tools as { type?: string; name?: string; parameters?: Schema }[]) : []
  return {
    model: typeof body.model === 'string' ? body.model : '',
    messages: [
      ...(typeof body.instructions === 'string' ? [{ role: 'system', text: body.instructions }] : []),
      ...items.map(readItem),
    ],
    images: items.flatMap(({ content }) =>
      Array.isArray(content)
        ? content.flatMap(({ image_url }: Body) => (typeof image_url === 'string' ? [image_url] : []))
        : [],
    ),
    tools: tools.flatMap(({ name, parameters = {} }) => (name ? [{ name, parameters }] : [])),
    toolChoice: choice ?? 'auto',
    maxTokens: numberOrNull(body.max_output_tokens),
    stop: [],
    seed: 0,
    stream: body.stream === true,
    thinking: true,
    format:
      format?.type === 'json_schema' ? (format.schema ?? 'object') : format?.type === 'json_object' ? 'object' : null,
    ignoreEos: false,
  }
}

/** The whole answer as one response object. */
export async function responsesReply(answer: Answer): Promise<Reply> {
  let last: object = {}
  for await (const { data } of responseEvents(answer)) last = data
  return json((last as { response?: object }).response ?? null)
}

/** The answer as the events of a streamed response. */
export function responsesStream(answer: Answer): Reply {
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: frames(answer) }
}

async function* frames(answer: Answer) {
  try {
    for await (const { type, data } of responseEvents(answer)) yield sse(data, type)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    yield sse({ type: 'error', code: 'server_error', message, param: null }, 'error')
  }
}

async function* responseEvents({ id, model, events }: Answer): AsyncGenerator<{ type: string; data: object }> {
  const output: Item[] = []
  const created_at = now()
  let sequence = 0
  let text = ''
  let open: Item | null = null
  const event = (type: string, fields: object) => ({ type, data: { type, sequence_number: sequence++, ...fields } })
  const response = (status: string, usage: object | null = null) => ({
    id,
    object: 'response',
    created_at,
    status,
    model,
    output,
    usage,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: null,
    metadata: null,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
  })
  const at = () => ({ output_index: output.length, item_id: open?.id })

  function* close() {
    if (!open) return
    const item = finished(open, text)
    const name = DELTAS[item.type] ?? ''
    yield event(`response.${name}.done`, { ...at(), ...doneFields(item, text) })
    if (item.type !== 'function_call') {
      yield event('response.content_part.done', { ...at(), content_index: 0, part: contentPart(item.type, text) })
    }
    yield event('response.output_item.done', { output_index: output.length, item })
    output.push(item)
    open = null
    text = ''
  }

  function* begin(item: Item) {
    yield* close()
    open = item
    yield event('response.output_item.added', { output_index: output.length, item })
    if (item.type !== 'function_call') {
      yield event('response.content_part.added', { ...at(), content_index: 0, part: contentPart(item.type, '') })
    }
  }

  yield event('response.created', { response: response('in_progress') })
  yield event('response.in_progress', { response: response('in_progress') })
  for await (const one of events) {
    if (one.kind === 'end') {
      yield* close()
      const status = one.finish === 'length' ? 'incomplete' : 'completed'
      yield event(`response.${status}`, { response: response(status, responseUsage(one.usage)) })
    } else if (one.kind === 'call') {
      yield* begin({
        id: `fc_${one.id}`,
        type: 'function_call',
        call_id: one.id,
        name: one.name,
        arguments: '',
        status: 'in_progress',
      })
    } else {
      const type = { reasoning: 'reasoning', content: 'message', arguments: 'function_call' }[one.kind]
      if ((open as Item | null)?.type !== type) yield* begin(emptyItem(type, id))
      text += one.text
      yield event(`response.${DELTAS[type]}.delta`, { ...at(), content_index: 0, delta: one.text, logprobs: [] })
    }
  }
}

function contentPart(type: string, text: string) {
  return type === 'reasoning'
    ? { type: 'reasoning_text', text }
    : { type: 'output_text', text, annotations: [], logprobs: null }
}

function doneFields(item: Item, text: string) {
  if (item.type === 'function_call') return { name: item.name, arguments: text }
  return { content_index: 0, text, ...(item.type === 'message' ? { logprobs: [] } : {}) }
}

function emptyItem(type: string, id: string): Item {
  return type === 'reasoning'
    ? { id: `rs_${id}`, type, summary: [], content: [], status: 'in_progress' }
    : { id: `msg_${id}`, type, role: 'assistant', content: [], status: 'in_progress' }
}

function finished(item: Item, text: string): Item {
  if (item.type === 'function_call') return { ...item, arguments: text, status: 'completed' }
  return { ...item, content: [contentPart(item.type, text)], status: 'completed' }
}

function responseUsage({ prompt, cached, completion, reasoning }: Usage) {
  return {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: completion,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: prompt + completion,
  }
}

function readItem({ type, role, content, output }: Body): Message {
  if (type === 'function_call_output') return { role: 'tool', text: contentText(output) }
  return { role: typeof role === 'string' ? role : 'assistant', text: contentText(content) }
}
