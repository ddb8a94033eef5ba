import { json, type Reply } from '../../server'
import { type Answer, numberOrNull, stopList, type Turn } from '../model/turn'
import { chatUsage, now, sse } from './chat'
import { ApiError, errorBody, missingField } from './errors'

const DEFAULT_MAX_TOKENS = 16

/** Reads a request for /v1/completions; `decode` turns token ids into text. Throws ApiError. */
export function readCompletion(
  body: Record<string, unknown>,
  decode: (ids: number[]) => string,
): { turn: Turn; prompt: string } {
  const prompt = readPrompt(body.prompt, decode)
  return {
    prompt,
    turn: {
      model: typeof body.model === 'string' ? body.model : '',
      messages: [{ role: 'user', text: prompt }],
      images: [],
      tools: [],
      toolChoice: 'none',
      maxTokens: numberOrNull(body.max_tokens) ?? DEFAULT_MAX_TOKENS,
      stop: stopList(body.stop),
      seed: numberOrNull(body.seed) ?? 0,
      stream: body.stream === true,
      thinking: false,
      format: null,
      ignoreEos: body.ignore_eos === true,
    },
  }
}

/** The whole answer as one text_completion. */
export async function completionReply({ id, model, events }: Answer): Promise<Reply> {
  let text = ''
  for await (const event of events) {
    if (event.kind === 'content') text += event.text
    if (event.kind !== 'end') continue
    const choice = {
      index: 0,
      text,
      logprobs: null,
      finish_reason: event.finish,
      stop_reason: event.stopReason,
      prompt_logprobs: null,
    }
    return json({ id, object: 'text_completion', created: now(), model, choices: [choice], ...chatUsage(event.usage) })
  }
  return json(null, 499)
}

/** The answer as text_completion events, one token each. */
export function completionStream(answer: Answer, usage: boolean): Reply {
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: completionChunks(answer, usage) }
}

async function* completionChunks({ id, model, events }: Answer, usage: boolean) {
  const created = now()
  const frame = (choices: object[], more: object = {}) =>
    sse({ id, object: 'text_completion', created, model, choices, ...more })
  try {
    for await (const event of events) {
      if (event.kind === 'content')
        yield frame([{ index: 0, text: event.text, logprobs: null, finish_reason: null, stop_reason: null }])
      if (event.kind !== 'end') continue
      yield frame([{ index: 0, text: '', logprobs: null, finish_reason: event.finish, stop_reason: event.stopReason }])
      if (usage) yield frame([], chatUsage(event.usage))
      yield 'data: [DONE]\n\n'
    }
  } catch (error) {
    yield sse(errorBody(new ApiError(500, error instanceof Error ? error.message : String(error))))
    yield 'data: [DONE]\n\n'
  }
}

function readPrompt(prompt: unknown, decode: (ids: number[]) => string): string {
  if (typeof prompt === 'string') return prompt
  if (!Array.isArray(prompt) || prompt.length === 0) throw missingField('prompt')
  if (prompt.every((one) => typeof one === 'number')) return decode(prompt)
  if (prompt.length === 1) return readPrompt(prompt[0], decode)
  throw new ApiError(501, 'the stand-in takes one prompt a request only')
}
