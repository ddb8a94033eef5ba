import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020'
import { ApiError } from '../core/gateway/api-error'
import { limitedBytes } from '../core/gateway/limited-body'
import type { Runtime } from '../core/runtime'

export interface RouteContext {
  request: Request
  url: URL
  /** Decoded path parameters, each held against its pattern. */
  params: Record<string, string>
  /** The JSON body after validation; undefined without a schema. */
  body: unknown
  runtime: Runtime
}

/** One parameter behind the `?` of a path. */
export interface QueryParameter {
  about: string
  required?: boolean
  /** JSON Schema of the value; text when left out. */
  schema?: object
}

/** One endpoint of the control plane itself. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With `:name` for parameters. */
  path: string
  /** Patterns of parameters that are no ids, by name, with what to write instead. */
  params?: Record<string, { pattern: RegExp; rule: string }>
  /** What may stand behind the `?`, by name; for callers to read, `handle` checks it. */
  query?: Record<string, QueryParameter>
  summary: string
  tag: string
  /** JSON Schema of the body. */
  body?: object
  /** Field of the body that text sent as application/yaml fills, instead of JSON. */
  yamlAs?: string
  /** A body is not needed. */
  bodyOptional?: boolean
  example?: unknown
  /** Statuses beside 200, with what they mean. */
  answers?: Record<number, string>
  /** What a success is answered with where that is never 200; its meaning stands under `answers`. */
  success?: 201 | 202 | 204
  /** A Response as it is, anything else as JSON. */
  handle(context: RouteContext): unknown
}

const ajv = new Ajv2020({ allErrors: false, strict: true })
const validators = new WeakMap<object, ValidateFunction>()
const maxJsonBytes = 1024 * 1024

/** What a path parameter is where its route says nothing else. */
export const idParameter = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** Runs one route for a request: parameters, body, answer. */
export async function answerRoute(
  route: Route,
  request: Request,
  params: Record<string, string>,
  runtime: Runtime,
): Promise<Response> {
  for (const [name, value] of Object.entries(params)) {
    const { pattern = idParameter, rule = 'is not an id; use letters, digits, . _ -' } = route.params?.[name] ?? {}
    if (!pattern.test(value)) throw new ApiError(404, 'not_found', `${name}: ${rule}`)
  }
  const body = route.body ? await bodyOf(request, route, route.body) : undefined
  const answer = await route.handle({ request, url: new URL(request.url), params, body, runtime })
  return answer instanceof Response ? answer : Response.json(answer)
}

async function bodyOf(request: Request, { bodyOptional, yamlAs }: Route, schema: object): Promise<unknown> {
  const bytes = await limitedBytes(request, maxJsonBytes)
  if (bytes.length === 0 && bodyOptional) return undefined
  const type = request.headers.get('content-type') ?? ''
  const yaml = yamlAs !== undefined && /^application\/(x-)?yaml\b/i.test(type)
  if (!yaml && !/^application\/(\w+\+)?json\b/i.test(type))
    throw new ApiError(415, 'unsupported_media_type', 'content-type: is not JSON; send application/json')
  const body = yaml ? { [yamlAs]: textOf(bytes) } : parse(bytes)
  const validate = validator(schema)
  if (!validate(body)) throw invalid(validate.errors?.[0])
  return body
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ApiError(400, 'malformed_json', 'body: is not valid JSON; correct its syntax')
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ApiError(400, 'malformed_text', 'body: is not UTF-8 text; save it as UTF-8')
  }
}

function validator(schema: object): ValidateFunction {
  const known = validators.get(schema)
  if (known) return known
  const made = ajv.compile(schema)
  validators.set(schema, made)
  return made
}

const plain: Record<string, string> = {
  additionalProperties: 'is not a known field',
  pattern: 'is not written as it must be',
}

function invalid(error: ErrorObject | undefined): ApiError {
  const field = error?.params.missingProperty ?? error?.params.additionalProperty
  // A caller's own field name is told back, but not a book of it.
  const name = field === undefined ? '' : `/${String(field).slice(0, 64)}`
  const pointer = `${error?.instancePath ?? ''}${name}`
  const known = plain[error?.keyword ?? ''] ?? error?.message ?? 'is wrong'
  return new ApiError(422, 'invalid_body', `body${pointer.replaceAll('/', '.')}: ${known}; see /openapi.json`, {
    param: pointer || '/',
  })
}
