import { type Call, json, type Reply } from '../server'
import { ApiError, errorReply, missingField, readJson } from '../vllm/api/errors'
import { DIMENSIONS, embed, wordsOf } from './embed'

export const MODEL = 'BAAI/bge-m3'
const MAX_TOKENS = 8192

/** Answers the requests of an embedding server and counts the texts it has embedded. */
export function createEmbedderApi(): { handle(call: Call): Promise<Reply>; work(texts: number): void } {
  let embedded = 0
  const started = Math.floor(Date.now() / 1000)

  async function handle({ method, path, headers, text }: Call): Promise<Reply> {
    switch (`${method} ${path}`) {
      case 'GET /health':
        return {}
      case 'GET /stats':
        return json({
          embedded,
          model: MODEL,
          dimensions: DIMENSIONS,
          uptime_s: Math.floor(Date.now() / 1000) - started,
        })
      case 'GET /v1/models':
        return json({
          object: 'list',
          data: [
            {
              id: MODEL,
              object: 'model',
              created: started,
              owned_by: 'vllm',
              root: MODEL,
              parent: null,
              max_model_len: MAX_TOKENS,
            },
          ],
        })
      case 'POST /v1/embeddings':
        try {
          return embeddings(readJson(await text(), headers['content-type']))
        } catch (error) {
          return errorReply(error)
        }
      default:
        return json({ detail: 'Not Found' }, 404)
    }
  }

  function embeddings(body: Record<string, unknown>): Reply {
    if (typeof body.model === 'string' && body.model !== MODEL)
      throw new ApiError(404, `The model \`${body.model}\` does not exist.`)
    const inputs = readInput(body.input)
    const dimensions = readDimensions(body.dimensions)
    const format = body.encoding_format ?? 'float'
    if (format !== 'float' && format !== 'base64') {
      throw new ApiError(
        400,
        `[{'type': 'literal_error', 'loc': ('body', 'encoding_format'), 'msg': "Input should be 'float' or 'base64'"}]`,
        'Bad Request',
      )
    }
    const data = inputs.map((input, index) => {
      const vector = embed(input, dimensions)
      return { index, object: 'embedding', embedding: format === 'base64' ? base64(vector) : Array.from(vector) }
    })
    embedded += inputs.length
    const tokens = inputs.reduce((sum, input) => sum + countTokens(input), 0)
    const usage = { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0, prompt_tokens_details: null }
    return json({
      id: `embd-${crypto.randomUUID().replaceAll('-', '')}`,
      object: 'list',
      created: Math.floor(Date.now() / 1000),
      model: MODEL,
      data,
      usage,
    })
  }

  return {
    handle,
    work(texts) {
      embedded += texts
    },
  }
}

/** The four shapes of `input`: a text, texts, token ids, lists of token ids. */
function readInput(input: unknown): string[] {
  if (typeof input === 'string') return [checked(input)]
  if (!Array.isArray(input) || input.length === 0) throw missingField('input')
  if (input.every((one) => typeof one === 'number')) return [checked(idText(input))]
  return input.map((one) => {
    if (typeof one === 'string') return checked(one)
    if (Array.isArray(one) && one.every((id) => typeof id === 'number')) return checked(idText(one))
    throw new ApiError(
      400,
      `[{'type': 'string_type', 'loc': ('body', 'input'), 'msg': 'Input should be a valid string'}]`,
      'Bad Request',
    )
  })
}

/** Token ids stand for themselves: equal ids are equal words. */
function idText(ids: number[]): string {
  return ids.map((id) => `t${id}`).join(' ')
}

function checked(text: string): string {
  const tokens = countTokens(text)
  if (tokens <= MAX_TOKENS) return text
  throw new ApiError(
    400,
    `This model's maximum context length is ${MAX_TOKENS} tokens. However, you requested ${tokens} tokens in the input for embedding generation. Please reduce the length of the input.`,
  )
}

function countTokens(text: string): number {
  return wordsOf(text).reduce((sum, word) => sum + Math.ceil(word.length / 5), 2)
}

function readDimensions(value: unknown): number {
  if (value === undefined || value === null) return DIMENSIONS
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= DIMENSIONS) return value
  throw new ApiError(400, `dimensions must be between 1 and ${DIMENSIONS}, got ${String(value)}`)
}

function base64(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4))
  for (const [index, value] of vector.entries()) bytes.setFloat32(index * 4, value, true)
  return Buffer.from(bytes.buffer).toString('base64')
}
