import { type Lock, LockedError } from '../../core/coordination/lock'
import { ApiError } from '../../core/gateway/api-error'
import type { Route } from '../route'
import { lockedError } from './locked'
import { oneLine } from './one-line'
import { isForced } from './parameter'

const path = '/api/swap/lock'
const ttl = { type: 'integer', minimum: 1, maximum: 86_400 }
const withToken = 'the token in `X-Swap-Token`'

interface LockRequest {
  holder: string
  reason: string
  ttl_s: number
}

/** The reservation of swaps: who holds it alone may swap, until its time is over. */
export const lockRoutes: Route[] = [
  {
    method: 'GET',
    path,
    tag: 'swap',
    summary: 'Who holds the lock; `holder` is null while it is free',
    handle: ({ runtime }) => runtime.lock.view(),
  },
  {
    method: 'POST',
    path,
    tag: 'swap',
    summary: 'Take the lock; the answer alone ever tells its token',
    body: {
      type: 'object',
      additionalProperties: false,
      required: ['holder', 'reason', 'ttl_s'],
      properties: { holder: oneLine(120), reason: oneLine(500), ttl_s: ttl },
    },
    example: { holder: 'evaluation', reason: 'nightly run', ttl_s: 900 },
    success: 201,
    answers: { 201: 'taken', 423: 'somebody holds it' },
    handle({ runtime: { lock }, body }) {
      const { holder, reason, ttl_s } = body as LockRequest
      const { token, view } = taken(lock, { holder: holder.trim(), reason: reason.trim(), ttlS: ttl_s })
      return Response.json({ token, expires_at: view.expires_at }, { status: 201 })
    },
  },
  {
    method: 'PUT',
    path,
    tag: 'swap',
    summary: `Renew the lock with ${withToken}; \`ttl_s\` is the one it was taken with unless given`,
    body: { type: 'object', additionalProperties: false, properties: { ttl_s: ttl } },
    bodyOptional: true,
    example: { ttl_s: 900 },
    answers: { 403: 'the token is missing, or does not hold the lock' },
    handle({ runtime: { lock }, request, body }) {
      const renewed = lock.renew(swapToken(request), (body as Partial<LockRequest> | undefined)?.ttl_s)
      if (!renewed) throw notHolder()
      return renewed
    },
  },
  {
    method: 'DELETE',
    path,
    tag: 'swap',
    summary: `Release the lock with ${withToken}, or without it by force, which is recorded`,
    query: { force: { about: 'releases it whoever holds it', schema: { type: 'boolean', default: false } } },
    answers: { 403: 'the token is missing, or does not hold the lock', 422: 'force is neither true nor false' },
    handle({ runtime: { lock }, request, url }) {
      if (isForced(url)) lock.forceRelease()
      else if (!lock.release(swapToken(request))) throw notHolder()
      return lock.view()
    },
  },
]

/** What a request shows in `X-Swap-Token`. */
export function swapToken(request: Request): string | null {
  return request.headers.get('x-swap-token')
}

function taken(lock: Lock, request: Parameters<Lock['take']>[0]) {
  try {
    return lock.take(request)
  } catch (error) {
    throw error instanceof LockedError ? lockedError(error.lock) : error
  }
}

function notHolder(): ApiError {
  return new ApiError(
    403,
    'not_lock_holder',
    'x-swap-token: does not hold the lock (it is missing, wrong, or its time is over); take the lock anew',
  )
}
