/** The one error shape of every answer, as OpenAI's clients read it. */
export interface ApiErrorBody {
  error: { message: string; type: string; param: string | null; code: string; [more: string]: unknown }
}

export interface ApiErrorOptions {
  param?: string | null
  /** Seconds for `Retry-After` and `retry_after_s`. */
  retryAfter?: number
  /** What helps: `job`, `holder`, `eta_s`, `reason`. */
  more?: Record<string, unknown>
  headers?: Record<string, string>
}

const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  409: 'conflict_error',
  413: 'invalid_request_error',
  414: 'invalid_request_error',
  415: 'invalid_request_error',
  422: 'invalid_request_error',
  423: 'locked_error',
  429: 'rate_limit_error',
  502: 'upstream_error',
  503: 'unavailable_error',
  504: 'timeout_error',
}

/** A refusal or failure that becomes the answer. */
export class ApiError extends Error {
  override name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly options: ApiErrorOptions = {},
  ) {
    super(message)
  }

  get body(): ApiErrorBody {
    const { param = null, retryAfter, more } = this.options
    const hint = retryAfter === undefined ? {} : { retry_after_s: retryAfter }
    return {
      error: {
        message: this.message,
        type: types[this.status] ?? 'api_error',
        param,
        code: this.code,
        ...hint,
        ...more,
      },
    }
  }

  /** @param anthropic also carries the top-level `type` that Anthropic's clients look for */
  response({ anthropic = false } = {}): Response {
    const headers: Record<string, string> = { 'cache-control': 'no-store', ...this.options.headers }
    if (this.options.retryAfter !== undefined)
      headers['retry-after'] = String(Math.max(1, Math.ceil(this.options.retryAfter)))
    return Response.json(anthropic ? { type: 'error', ...this.body } : this.body, { status: this.status, headers })
  }
}
