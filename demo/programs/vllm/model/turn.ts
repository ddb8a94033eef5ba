import type { Schema } from './fill'

/** One message of a conversation with its text put together. */
export interface Message {
  role: string
  text: string
}

/** A function the model may call. */
export interface Tool {
  name: string
  parameters: Schema
}

/** What every endpoint that generates asks for, whatever its own shape. */
export interface Turn {
  model: string
  messages: Message[]
  /** URLs of the images in the messages. */
  images: string[]
  tools: Tool[]
  toolChoice: 'auto' | 'none' | 'required' | { name: string }
  maxTokens: number | null
  stop: string[]
  seed: number
  stream: boolean
  /** Reasoning wanted, where the server separates it. */
  thinking: boolean
  /** The answer must be JSON, of this schema where one is given. */
  format: Schema | 'object' | null
  /** Go on until the limit, past the natural end. */
  ignoreEos: boolean
}

/** Why a generation ended. */
export type Finish = 'stop' | 'length' | 'tool_calls' | 'abort'

/** Token counts of one generation. */
export interface Usage {
  prompt: number
  cached: number
  completion: number
  reasoning: number
}

/** One thing that happens while a model answers. */
export type Event =
  | { kind: 'reasoning' | 'content' | 'arguments'; text: string }
  | { kind: 'call'; id: string; name: string }
  | { kind: 'end'; finish: Finish; stopReason: string | null; usage: Usage }

/** One request that was accepted: its answer as it comes. */
export interface Answer {
  id: string
  model: string
  promptTokens: number
  events: AsyncIterable<Event>
}

/** The prompt that the messages make, as the chat template would write it. */
export function promptText({ messages }: Pick<Turn, 'messages'>): string {
  return `${messages.map(({ role, text }) => `${role}: ${text}\n`).join('')}assistant:`
}

/** The text of a content field: a string, or parts of which the texts are kept. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part) => {
      const { text, content: inner } = part as { text?: unknown; content?: unknown }
      return typeof text === 'string' ? text : contentText(inner)
    })
    .filter(Boolean)
    .join('\n')
}

/** A list of stop strings from either of its two shapes. */
export function stopList(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

/** A number, or null for anything else. */
export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
