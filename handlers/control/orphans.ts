import { ApiError } from '../../core/gateway/api-error'
import type { JobView } from '../../core/jobs/job'
import { ActionRunningError, RunnerClosedError } from '../../core/jobs/runner'
import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'
import { live } from './hosts'
import { once } from './once'
import { reach } from './reach'

/** Containers of models that belong to nothing which is loaded, and their end. */
export const orphanRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/hosts/:id/orphans',
    tag: 'hosts',
    summary: 'Containers of models on a host that belong to nothing which is loaded',
    answers: { 404: 'no such host' },
    handle({ runtime, params }) {
      const { host } = live(runtime, params.id)
      return { orphans: runtime.orphans.found().filter((each) => each.host === host.id) }
    },
  },
  {
    method: 'DELETE',
    path: '/api/hosts/:id/orphans/:container',
    tag: 'hosts',
    summary: 'End a container that belongs to nothing which is loaded',
    answers: {
      202: 'accepted',
      404: 'no such host, or nothing of that name is left over there',
      409: 'a swap, or another action of its service, is running',
      503: 'its host can not be reached',
    },
    async handle({ runtime, params, request }) {
      const { host } = live(runtime, params.id)
      const { id } = await requestEnd(runtime, host.id, params.container, request.headers.get('idempotency-key'))
      return Response.json({ job: id }, { status: 202, headers: { location: `/api/jobs/${id}` } })
    },
  },
]

/** Checks whether it is left over, and begins to end it. @throws {ApiError} 404, 409, 503 */
export async function requestEnd(
  runtime: Runtime,
  host: string,
  container: string | undefined,
  idempotencyKey: string | null = null,
): Promise<JobView> {
  const { job } = await once(runtime, `end ${container} on ${host}`, idempotencyKey, async (remember) => {
    await reach(live(runtime, host))
    const orphan = runtime.orphans.found().find((each) => each.host === host && each.container === container)
    if (!orphan)
      throw new ApiError(404, 'not_left_over', 'container: belongs to what is loaded, or is not there', {
        param: '/container',
      })
    const swap = runtime.arbiter.current()
    if (swap && swap.ended_at === null)
      throw new ApiError(409, 'swap_running', 'a swap is running; wait for its end', { more: { job: swap.id } })
    try {
      const begun = runtime.orphans.begin(runtime.runner, orphan)
      remember(begun)
      runtime.history.note({ type: 'action', host, job: begun.id, text: `${begun.title}: asked for` })
      return { job: begun }
    } catch (error) {
      if (error instanceof ActionRunningError)
        throw new ApiError(409, 'action_running', error.message, { retryAfter: 10, more: { job: error.job.id } })
      if (error instanceof RunnerClosedError) throw new ApiError(503, 'reloading', error.message, { retryAfter: 2 })
      throw error
    }
  })
  return job
}
