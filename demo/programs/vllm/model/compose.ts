import { fillSchema } from './fill'
import { answerText, keywords, thoughtText } from './prose'
import { hash, splitTokens } from './tokens'
import type { Event, Finish, Turn } from './turn'

/** All that a model is going to say, before it is paced. */
export interface Composition {
  /** One token each, save the start of a call, which is none. */
  events: Exclude<Event, { kind: 'end' }>[]
  finish: Finish
  /** The stop string that was met. */
  stopReason: string | null
}

export interface ComposeOptions {
  model: string
  /** Is reasoning told apart from the answer? */
  reasons: boolean
  maxTokens: number
}

/** Decides what the model says to a turn; the same turn gets the same answer. */
export function compose(turn: Turn, { model, reasons, maxTokens }: ComposeOptions): Composition {
  const about = turn.messages.findLast(({ role }) => role === 'user')?.text ?? turn.messages.at(-1)?.text ?? ''
  const length = 2 + (hash(about) % 4)
  const source = { model, about, seed: turn.seed, sentences: turn.ignoreEos ? Math.ceil(maxTokens / 8) : length }
  const thought = reasons && turn.thinking ? thoughtText(source) : ''
  const tool = chosenTool(turn, about)
  const answer = tool ? '' : turn.format ? structured(turn, about) : answerText(source)
  const { text, stopReason } = cutAt(answer, turn.stop)
  const events: Composition['events'] = [
    ...splitTokens(thought).map((piece) => ({ kind: 'reasoning' as const, text: piece })),
    ...splitTokens(text).map((piece) => ({ kind: 'content' as const, text: piece })),
  ]
  if (tool) {
    const call = JSON.stringify(fillSchema(tool.parameters, keywords(about)))
    events.push({ kind: 'call', id: `chatcmpl-tool-${crypto.randomUUID().replaceAll('-', '')}`, name: tool.name })
    events.push(...splitTokens(call).map((piece) => ({ kind: 'arguments' as const, text: piece })))
  }
  return limit(events, maxTokens, tool ? 'tool_calls' : 'stop', stopReason)
}

/** A tool is called when it must be, or when the user's words name it; never right after its result. */
function chosenTool({ tools, toolChoice, messages }: Turn, about: string) {
  if (toolChoice === 'none' || tools.length === 0) return undefined
  if (typeof toolChoice === 'object') return tools.find(({ name }) => name === toolChoice.name)
  if (toolChoice === 'required') return tools[0]
  if (messages.at(-1)?.role === 'tool') return undefined
  const said = about.toLowerCase()
  return tools.find(({ name }) =>
    name
      .toLowerCase()
      .split(/[_-]/)
      .some((word) => word.length > 3 && said.includes(word)),
  )
}

function structured({ format }: Turn, about: string): string {
  const words = keywords(about)
  return JSON.stringify(
    format === 'object' || format === null ? { answer: words.slice(0, 5).join(' ') } : fillSchema(format, words),
  )
}

function cutAt(text: string, stops: string[]): { text: string; stopReason: string | null } {
  const met = stops
    .map((stop) => ({ stop, at: stop ? text.indexOf(stop) : -1 }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)[0]
  return met ? { text: text.slice(0, met.at), stopReason: met.stop } : { text, stopReason: null }
}

function limit(
  events: Composition['events'],
  maxTokens: number,
  finish: Finish,
  stopReason: string | null,
): Composition {
  let tokens = 0
  const end = events.findIndex((event) => event.kind !== 'call' && ++tokens > maxTokens)
  return end < 0 ? { events, finish, stopReason } : { events: events.slice(0, end), finish: 'length', stopReason: null }
}
