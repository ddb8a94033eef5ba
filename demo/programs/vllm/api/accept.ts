import type { Launch } from '../arguments/launch'
import { compose } from '../model/compose'
import type { Engine } from '../model/engine'
import { imageMismatch, imageSize, imageTokens } from '../model/images'
import type { Tokenizer } from '../model/tokens'
import { type Answer, promptText, type Turn } from '../model/turn'
import type { Checkpoint } from '../start/checkpoint'
import { ApiError } from './errors'

/** A server that is ready: what every endpoint stands on. */
export interface Serving {
  launch: Launch
  model: Checkpoint
  /** Ids in /v1/models, and what they stand for. */
  names: string[]
  root: string
  maxModelLen: number
  tokenizer: Tokenizer
  engine: Engine
}

export interface AcceptOptions {
  /** Start of the request's id. */
  prefix: string
  signal: AbortSignal
  /** The prompt as it is, in place of the messages' chat template. */
  prompt?: string
}

/** Checks a turn as vLLM would and hands it to the engine. Throws ApiError. */
export function accept(serving: Serving, turn: Turn, { prefix, signal, prompt }: AcceptOptions): Answer {
  const { launch, engine, tokenizer } = serving
  const model = resolveModel(serving, turn.model)
  checkTools(launch, turn)
  const promptTokens = [...tokenizer.encode(prompt ?? promptText(turn)), ...imagesAsTokens(serving, turn.images)]
  const maxTokens = allowedTokens(serving, promptTokens.length, turn.maxTokens)
  const reasons = launch.reasoningParser !== null && prompt === undefined
  const id = `${prefix}${crypto.randomUUID().replaceAll('-', '')}`
  const composition = compose(turn, { model: serving.root, reasons, maxTokens })
  return {
    id,
    model,
    promptTokens: promptTokens.length,
    events: engine.run({ id, promptTokens, maxTokens, composition, signal }),
  }
}

/** The served name that a request means; a request without one gets the first. Throws ApiError. */
export function resolveModel({ names }: Serving, wanted: string): string {
  const [first = ''] = names
  if (wanted === '' || names.includes(wanted)) return wanted || first
  throw new ApiError(404, `The model \`${wanted}\` does not exist.`)
}

function checkTools({ autoTools }: Launch, { tools, toolChoice }: Turn): void {
  if (tools.length === 0) return
  if (toolChoice === 'auto' && !autoTools) {
    throw new ApiError(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set')
  }
  if (typeof toolChoice === 'object' && !tools.some(({ name }) => name === toolChoice.name)) {
    throw new ApiError(400, `The tool specified in \`tool_choice\` does not match any of the specified \`tools\``)
  }
}

function imagesAsTokens({ launch, model, root }: Serving, urls: string[]): number[] {
  if (urls.length === 0) return []
  if (!model.vision || launch.textOnly) throw new ApiError(400, `${root} is not a multimodal model`)
  const { maxPixels, capped } = launch.imageLimits
  const most = launch.imagesPerPrompt
  if (most !== null && urls.length > most)
    throw new ApiError(400, `At most ${most} image(s) may be provided in one prompt.`)
  return urls.flatMap((url) => {
    // Nothing on a simulated Spark reaches beyond it.
    if (!url.startsWith('data:'))
      throw new ApiError(400, `Failed to load image from ${url.slice(0, 100)}: cannot connect to host`)
    const size = imageSize(url)
    if (!size) throw new ApiError(400, 'Failed to load image: cannot identify image file')
    const tokens = imageTokens(size, maxPixels)
    const mismatch = imageMismatch(tokens, capped)
    if (mismatch) throw new ApiError(400, mismatch)
    return Array.from({ length: tokens }, (_, index) => index)
  })
}

function allowedTokens({ maxModelLen }: Serving, prompt: number, wanted: number | null): number {
  const room = maxModelLen - prompt
  if (room <= 0) {
    throw new ApiError(
      400,
      `This model's maximum context length is ${maxModelLen} tokens. However, you requested ${prompt} tokens in the messages, Please reduce the length of the messages.`,
    )
  }
  if (wanted !== null && wanted < 1) throw new ApiError(400, `max_tokens must be at least 1, got ${wanted}.`)
  if (wanted !== null && wanted > room) {
    throw new ApiError(
      400,
      `'max_tokens' or 'max_completion_tokens' is too large: ${wanted}. This model's maximum context length is ${maxModelLen} tokens and your request has ${prompt} input tokens (${wanted} > ${maxModelLen} - ${prompt}).`,
    )
  }
  return wanted ?? room
}
