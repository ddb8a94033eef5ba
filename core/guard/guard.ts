import { ApiError } from '../gateway/api-error'
import { allowedHost } from './host-list'
import { allowedOrigin } from './origin'

export interface GuardOptions {
  /** Names beside IP literals and localhost. */
  allowedHosts: readonly string[]
}

const methods = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'])
const maxUrlLength = 8192

/**
 * Looks at a request before anything else does.
 * @returns the refusal, or null when it may go on
 */
export function guard(request: Request, { allowedHosts }: GuardOptions): ApiError | null {
  // Bun leaves a bare path in `url` when the Host header is malformed: nothing after this line could parse it.
  if (!allowedHost(request.headers.get('host'), allowedHosts) || !request.url.startsWith('http')) {
    return new ApiError(
      403,
      'host_not_allowed',
      'host: this name is not on the list; open Spark Control by its IP address, or add the name under guard.allowed_hosts',
    )
  }
  if (request.url.length > maxUrlLength)
    return new ApiError(414, 'url_too_long', `url: is longer than ${maxUrlLength} characters; shorten it`)
  if (!methods.has(request.method))
    return new ApiError(405, 'method_not_allowed', `method: ${request.method.slice(0, 16)} is not used here`)
  if (!allowedOrigin(request)) {
    return new ApiError(
      403,
      'origin_not_allowed',
      'origin: this request comes from another web page; open Spark Control itself',
    )
  }
  return null
}
