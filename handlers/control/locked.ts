import type { LockView } from '../../core/cluster/snapshot'
import { ApiError } from '../../core/gateway/api-error'

/** 423: somebody else holds the lock; the body names the holder and when it ends. */
export function lockedError({ holder, reason, expires_at }: LockView, now: number = Date.now()): ApiError {
  const left = Math.max(1, Math.ceil((Date.parse(expires_at ?? '') - now) / 1000) || 1)
  return new ApiError(
    423,
    'swap_locked',
    `swaps are locked by ${holder} until ${expires_at}; wait for its end, or ask ${holder} to release it`,
    { retryAfter: left, more: { holder, reason, expires_at } },
  )
}
