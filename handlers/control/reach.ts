import { firstContact } from '../../core/cluster/first-contact'
import type { LiveHost } from '../../core/cluster/hosts'
import { needsPerson } from '../../core/cluster/link'
import { NotConnectedError } from '../../core/cluster/remote-commands'
import { ApiError } from '../../core/gateway/api-error'
import { JobFailure } from '../../core/jobs/job-failure'

const patienceMs = 4000
const retryMs = 2000

/** Waits for a login that was never tried, tries one anew that was refused. @throws {ApiError} 503 with the cause */
export async function reach(live: LiveHost): Promise<void> {
  if (live.link.state === 'up') return
  if (needsPerson(live.link)) {
    // It stays as refused as it was while the new try is under way.
    live.retry()
    return live.ready(AbortSignal.timeout(retryMs)).catch(() => {
      throw unreachable(live)
    })
  }
  if (live.link.state !== 'unknown' || !(await firstContact(live, patienceMs))) throw unreachable(live)
}

/** What a remote command threw, as an answer. */
export function remoteError(error: unknown, live: LiveHost): unknown {
  if (error instanceof NotConnectedError) return unreachable(live)
  if (!(error instanceof JobFailure)) return error
  const { code, message, remedy } = error.reason
  const status = code === 'container_missing' ? 422 : 503
  return new ApiError(status, code, `${message}; ${remedy}`, status === 503 ? { retryAfter: 15 } : {})
}

function unreachable({ host, link }: LiveHost): ApiError {
  const cause = link.cause ?? 'is not connected yet'
  const remedy = link.remedy ?? 'try again shortly'
  return new ApiError(503, 'host_unreachable', `${host.title}: ${cause}; ${remedy}`, {
    retryAfter: 15,
    more: { host: host.id, cause, remedy },
  })
}
