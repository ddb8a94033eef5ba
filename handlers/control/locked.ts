import type { LockView } from '../../core/cluster/snapshot'
import { ApiError } from '../../core/gateway/api-error'

/**
 * 423: somebody else holds the lock; the body names the holder and when it ends.
 * @param forced it was to go on in spite of the lock, without the holder's name
 */
export function lockedError({ holder, reason, expires_at }: LockView, forced = false): ApiError {
  const left = Math.max(1, Math.ceil((Date.parse(expires_at ?? '') - Date.now()) / 1000) || 1)
  const named = forced ? ", or confirm with the holder's name" : ''
  return new ApiError(
    423,
    'swap_locked',
    `swaps are locked by ${holder} until ${expires_at}; wait for its end, or ask ${holder} to release it${named}`,
    { retryAfter: left, more: { holder, reason, expires_at } },
  )
}
