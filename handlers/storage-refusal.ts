import { ApiError } from '../core/gateway/api-error'
import { storageProblem } from '../core/store/storage-problem'

// The disk is tried every two seconds while it takes nothing.
const retryAfterS = 5

/** The answer to what this controller's disk did not take; null where the disk is not why. */
export function storageRefusal(error: unknown): ApiError | null {
  const problem = storageProblem(error)
  if (!problem) return null
  const { text, remedy, code } = problem
  return new ApiError(503, 'storage_unavailable', `storage: ${text}; ${remedy}`, {
    retryAfter: retryAfterS,
    more: { reason: code },
  })
}
