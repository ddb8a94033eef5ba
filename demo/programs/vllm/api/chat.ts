import { json, type Reply } from '../../server'
import type { Schema } from '../model/fill'
import {
  type Answer,
  contentText,
  type Event,
  type Finish,
  numberOrNull,
  stopList,
  type Tool,
  type Turn,
  type Usage,
} from '../model/turn'
import { ApiError, errorBody, missingField } from './errors'

type Body = Record<string, unknown>

/** Reads a request for /v1/chat/completions. Throws ApiError. */
export function readChat(body: Body): Turn {
  if (!Array.isArray(body.messages)) throw missingField('messages')
  if (body.messages.length === 0) throw new ApiError(400, 'list index out of range')
  if ((numberOrNull(body.n) ?? 1) !== 1) throw new ApiError(501, 'the stand-in answers with one choice only')
  const messages = body.messages as Body[]
  const template = body.chat_template_kwargs as { enable_thinking?: boolean } | undefined
  return {
    model: typeof body.model === 'string' ? body.model : '',
    messages: messages.map(({ role, content }) => ({ role: String(role), text: contentText(content) })),
    images: messages.flatMap(({ content }) => imageUrls(content)),
    tools: readTools(body.tools),
    toolChoice: readToolChoice(body.tool_choice),
    maxTokens: numberOrNull(body.max_completion_tokens) ?? numberOrNull(body.max_tokens),
    stop: stopList(body.stop),
    seed: numberOrNull(body.seed) ?? 0,
    stream: body.stream === true,
    thinking: template?.enable_thinking !== false && body.include_reasoning !== false,
    format: readFormat(body.response_format),
    ignoreEos: body.ignore_eos === true,
  }
}

/** The whole answer as one chat.completion. */
export async function chatReply({ id, model, events }: Answer): Promise<Reply> {
  const texts = { reasoning: '', content: '' }
  const calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = []
  for await (const event of events) {
    if (event.kind === 'call')
      calls.push({ id: event.id, type: 'function', function: { name: event.name, arguments: '' } })
    else if (event.kind === 'arguments') {
      const last = calls.at(-1)
      if (last) last.function.arguments += event.text
    } else if (event.kind !== 'end') texts[event.kind] += event.text
    else {
      const message = {
        role: 'assistant',
        content: texts.content || null,
        refusal: null,
        tool_calls: calls,
        reasoning: texts.reasoning || null,
      }
      const choice = { index: 0, message, logprobs: null, finish_reason: event.finish, stop_reason: event.stopReason }
      const { usage } = chatUsage(event.usage)
      return json({
        id,
        object: 'chat.completion',
        created: now(),
        model,
        choices: [choice],
        service_tier: null,
        system_fingerprint: null,
        usage,
      })
    }
  }
  return json(null, 499)
}

/** The answer as chat.completion.chunk events, one token each. */
export function chatStream(answer: Answer, options: { usage: boolean; continuous: boolean }): Reply {
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: chatChunks(answer, options) }
}

async function* chatChunks(
  { id, model, promptTokens, events }: Answer,
  { usage, continuous }: { usage: boolean; continuous: boolean },
) {
  const created = now()
  let tokens = 0
  const frame = (choices: object[], more: object = {}) =>
    sse({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      choices,
      ...more,
      ...(continuous && choices.length > 0 ? running() : {}),
    })
  const running = () => chatUsage({ prompt: promptTokens, cached: 0, completion: tokens, reasoning: 0 })
  const choice = (delta: object, finish: Finish | null = null, stopReason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason: finish, ...(finish ? { stop_reason: stopReason } : {}) },
  ]
  try {
    yield frame(choice({ role: 'assistant', content: '' }))
    for await (const event of events) {
      if (event.kind !== 'end') {
        if (event.kind !== 'call') tokens++
        yield frame(choice(delta(event)))
        continue
      }
      yield frame(choice({ content: '' }, event.finish, event.stopReason))
      if (usage) yield frame([], chatUsage(event.usage))
      yield 'data: [DONE]\n\n'
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    yield sse(errorBody(new ApiError(500, message)))
    yield 'data: [DONE]\n\n'
  }
}

/** The usage block of the OpenAI endpoints. */
export function chatUsage({ prompt, cached, completion }: Usage) {
  const prompt_tokens_details = cached > 0 ? { cached_tokens: cached } : null
  return {
    usage: {
      prompt_tokens: prompt,
      total_tokens: prompt + completion,
      completion_tokens: completion,
      prompt_tokens_details,
    },
  }
}

/** One server-sent event with a JSON body. */
export function sse(data: object, event?: string): string {
  return `${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`
}

/** Seconds since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1000)
}

function delta(event: Exclude<Event, { kind: 'end' }>): object {
  switch (event.kind) {
    case 'call':
      return {
        tool_calls: [{ id: event.id, type: 'function', index: 0, function: { name: event.name, arguments: '' } }],
      }
    case 'arguments':
      return { tool_calls: [{ index: 0, function: { arguments: event.text } }] }
    default:
      return { [event.kind]: event.text }
  }
}

function imageUrls(content: unknown): string[] {
  if (!Array.isArray(content)) return []
  return content.flatMap((part: { image_url?: string | { url?: string } }) => {
    const url = typeof part.image_url === 'string' ? part.image_url : part.image_url?.url
    return url ? [url] : []
  })
}

function readTools(tools: unknown): Tool[] {
  if (!Array.isArray(tools)) return []
  return tools.flatMap((tool: { function?: { name?: string; parameters?: Schema } }) =>
    tool.function?.name ? [{ name: tool.function.name, parameters: tool.function.parameters ?? {} }] : [],
  )
}

function readToolChoice(choice: unknown): Turn['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice
  const name = (choice as { function?: { name?: string } } | null)?.function?.name
  return name ? { name } : 'auto'
}

function readFormat(format: unknown): Turn['format'] {
  const { type, json_schema } = (format ?? {}) as { type?: string; json_schema?: { schema?: Schema } }
  if (type === 'json_object') return 'object'
  return type === 'json_schema' ? (json_schema?.schema ?? 'object') : null
}
