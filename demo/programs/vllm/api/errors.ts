import { json, type Reply } from '../../server'

const TYPES: Record<number, string> = {
  400: 'BadRequestError',
  404: 'NotFoundError',
  422: 'UnprocessableEntityError',
  500: 'InternalServerError',
  501: 'NotImplementedError',
}

/** A refusal in vLLM's error shape. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly type = TYPES[status] ?? 'BadRequestError',
  ) {
    super(message)
  }
}

/** The body of an error as the OpenAI endpoints and a stream's error frame carry it. */
export function errorBody({ message, type, status }: ApiError) {
  return { error: { message, type, param: null, code: status } }
}

/** The same refusal in Anthropic's shape. */
export function anthropicErrorBody({ message, type }: ApiError) {
  return { type: 'error', error: { type, message } }
}

/** Answers with a refusal; anything that is not an ApiError is thrown on. */
export function errorReply(error: unknown, shape: (error: ApiError) => object = errorBody): Reply {
  if (!(error instanceof ApiError)) throw error
  return json(shape(error), error.status)
}

/** Reads a JSON body as FastAPI does. Throws ApiError. */
export function readJson(text: string, contentType: string | undefined): Record<string, unknown> {
  if (!contentType?.split(';')[0]?.trim().toLowerCase().endsWith('json')) {
    throw new ApiError(
      400,
      "[{'type': 'value_error', 'loc': (), 'msg': \"Value error, Unsupported Media Type: Only 'application/json' is allowed\"}]",
      'Bad Request',
    )
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    throw new ApiError(
      400,
      "[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error', 'input': {}, 'ctx': {'error': 'Expecting value'}}]",
      'Bad Request',
    )
  }
  throw new ApiError(
    400,
    "[{'type': 'model_attributes_type', 'loc': ('body',), 'msg': 'Input should be a valid dictionary or object to extract fields from'}]",
    'Bad Request',
  )
}

/** The refusal of a body that lacks a field. */
export function missingField(name: string): ApiError {
  return new ApiError(400, `[{'type': 'missing', 'loc': ('body', '${name}'), 'msg': 'Field required'}]`, 'Bad Request')
}
