import { json, type Reply } from '../../server'
import type { Schema } from '../model/fill'
import { type Answer, contentText, type Finish, type Message, numberOrNull, stopList, type Turn } from '../model/turn'
import { sse } from './chat'
import { ApiError, anthropicErrorBody, missingField } from './errors'

type Body = Record<string, unknown>
type Block = { type: string; [field: string]: unknown }

/** Reads a request for Anthropic's /v1/messages. Throws ApiError. */
export function readMessages(body: Body): Turn {
  if (!Array.isArray(body.messages)) throw missingField('messages')
  if (numberOrNull(body.max_tokens) === null) throw missingField('max_tokens')
  const messages = body.messages as { role: string; content: unknown }[]
  const tools = Array.isArray(body.tools) ? (body.tools as { name: string; input_schema?: Schema }[]) : []
  const choice = (body.tool_choice ?? {}) as { type?: string; name?: string }
  const system = contentText(body.system)
  return {
    model: typeof body.model === 'string' ? body.model : '',
    messages: [...(system ? [{ role: 'system', text: system }] : []), ...messages.map(readMessage)],
    images: messages.flatMap(({ content }) => imageUrls(content)),
    tools: tools.map(({ name, input_schema = {} }) => ({ name, parameters: input_schema })),
    toolChoice: choice.name
      ? { name: choice.name }
      : choice.type === 'any'
        ? 'required'
        : choice.type === 'none'
          ? 'none'
          : 'auto',
    maxTokens: numberOrNull(body.max_tokens),
    stop: stopList(body.stop_sequences),
    seed: 0,
    stream: body.stream === true,
    thinking: (body.thinking as { type?: string } | undefined)?.type === 'enabled',
    format: null,
    ignoreEos: false,
  }
}

/** The whole answer as one message. */
export async function messagesReply(answer: Answer): Promise<Reply> {
  const content: Block[] = []
  let input = ''
  for await (const event of answer.events) {
    const last = content.at(-1)
    if (event.kind === 'call') content.push({ type: 'tool_use', id: event.id, name: event.name, input: {} })
    else if (event.kind === 'arguments') input += event.text
    else if (event.kind === 'end') {
      if (last?.type === 'tool_use' && input && event.finish !== 'length') last.input = JSON.parse(input)
      const usage = { input_tokens: event.usage.prompt, output_tokens: event.usage.completion }
      return json({ ...envelope(answer), content, ...stopped(event.finish, event.stopReason), usage })
    } else {
      const field = event.kind === 'reasoning' ? 'thinking' : 'text'
      if (last?.type === field) last[field] = `${last[field]}${event.text}`
      else content.push({ type: field, [field]: event.text, ...(field === 'thinking' ? { signature: '' } : {}) })
    }
  }
  return json(null, 499)
}

/** The answer as Anthropic's stream events. */
export function messagesStream(answer: Answer): Reply {
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: messageEvents(answer) }
}

async function* messageEvents(answer: Answer) {
  const frame = (type: string, fields: object) => sse({ type, ...fields }, type)
  let index = -1
  let open = ''
  const usage = { input_tokens: answer.promptTokens, output_tokens: 0 }
  try {
    yield frame('message_start', {
      message: { ...envelope(answer), content: [], stop_reason: null, stop_sequence: null, usage },
    })
    for await (const event of answer.events) {
      const type = { reasoning: 'thinking', content: 'text', arguments: 'tool_use', call: 'tool_use', end: '' }[
        event.kind
      ]
      if (type !== open) {
        if (open) yield frame('content_block_stop', { index })
        if (type) yield frame('content_block_start', { index: ++index, content_block: emptyBlock(type, event) })
        open = type
      }
      if (event.kind === 'call') continue
      if (event.kind !== 'end') {
        yield frame('content_block_delta', { index, delta: delta(event.kind, event.text) })
        continue
      }
      const { completion } = event.usage
      yield frame('message_delta', {
        delta: stopped(event.finish, event.stopReason),
        usage: { input_tokens: event.usage.prompt, output_tokens: completion },
      })
      yield frame('message_stop', {})
    }
  } catch (error) {
    yield sse(anthropicErrorBody(new ApiError(500, error instanceof Error ? error.message : String(error))), 'error')
  }
}

function envelope({ id, model }: Answer) {
  return { id, type: 'message', role: 'assistant', model }
}

function stopped(finish: Finish, stopReason: string | null) {
  const plain = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', abort: 'end_turn' }[finish]
  return { stop_reason: stopReason === null ? plain : 'stop_sequence', stop_sequence: stopReason }
}

function emptyBlock(type: string, event: { kind: string; id?: string; name?: string }): Block {
  if (type === 'tool_use') return { type, id: event.id, name: event.name, input: {} }
  return type === 'thinking' ? { type, thinking: '', signature: '' } : { type, text: '' }
}

function delta(kind: 'reasoning' | 'content' | 'arguments', text: string): Block {
  if (kind === 'arguments') return { type: 'input_json_delta', partial_json: text }
  return kind === 'reasoning' ? { type: 'thinking_delta', thinking: text } : { type: 'text_delta', text }
}

function readMessage({ role, content }: { role: string; content: unknown }): Message {
  const result = Array.isArray(content) && content.some(({ type }: Block) => type === 'tool_result')
  return { role: result ? 'tool' : role, text: contentText(content) }
}

function imageUrls(content: unknown): string[] {
  if (!Array.isArray(content)) return []
  return content.flatMap(({ source }: { source?: { media_type?: string; data?: string; url?: string } }) => {
    if (source?.data) return [`data:${source.media_type};base64,${source.data}`]
    return source?.url ? [source.url] : []
  })
}
