import { ApiError } from './api-error'
import type { Upstream } from './upstream'

/** The reason of an abort after too long a silence. */
export class SilentError extends Error {
  override name = 'SilentError'
}

/** What a caller is told when an upstream did not answer. */
export function upstreamError(error: Error & { code?: string }, { service, idleMs }: Upstream): ApiError {
  if (error.name === 'SilentError') {
    const text = `${service}: sent nothing for ${idleMs / 1000} s; try again or look at its tile`
    return new ApiError(504, 'upstream_timeout', text)
  }
  if (error.code === 'ECONNREFUSED' || error.code === 'ConnectionRefused') {
    const text = `${service}: nothing answers on its port; look at its tile`
    return new ApiError(503, 'upstream_down', text, { retryAfter: 10 })
  }
  return new ApiError(502, 'upstream_failed', `${service}: broke off before it answered; try again`)
}
