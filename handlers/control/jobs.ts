import { ApiError } from '../../core/gateway/api-error'
import type { JobView } from '../../core/jobs/job'
import { isJobId } from '../../core/jobs/journal'
import type { Runtime } from '../../core/runtime'
import { ArbiterClosedError } from '../../core/swap/arbiter'
import type { Route } from '../route'
import { limitOf, limitSchema, wrongParameter } from './parameter'

/** Every long action, whatever its kind. */
export const jobRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/jobs',
    tag: 'jobs',
    summary: 'Jobs, newest first',
    query: { limit: limitSchema(50, 200), cursor: { about: 'the `next` of an answer' } },
    answers: { 422: 'the limit or cursor is wrong' },
    handle({ runtime, url }) {
      const limit = limitOf(url, 50, 200)
      const cursor = url.searchParams.get('cursor') ?? undefined
      if (cursor !== undefined && !isJobId(cursor)) throw wrongParameter('cursor', 'is not the `next` of an answer')
      const jobs = runtime.journal.list({ limit, before: cursor })
      const current = runtime.arbiter.current()
      const running = [...(current ? [current] : []), ...runtime.runner.running()]
      const fresh = jobs.map((job) => running.find((each) => each.id === job.id) ?? job)
      return { jobs: fresh, next: jobs.length === limit ? (jobs.at(-1)?.id ?? null) : null }
    },
  },
  {
    method: 'GET',
    path: '/api/jobs/:job',
    tag: 'jobs',
    summary: 'One job',
    answers: { 404: 'no such job' },
    handle: ({ runtime, params }) => jobOf(runtime, params.job),
  },
  {
    method: 'DELETE',
    path: '/api/jobs/:job',
    tag: 'jobs',
    summary: 'Cancel a job',
    answers: { 404: 'no such job', 409: 'it has ended', 503: 'the configuration is being read anew' },
    handle: ({ runtime, params }) => cancelJob(runtime, params.job),
  },
]

/** @throws {ApiError} 404 */
export function jobOf(runtime: Runtime, id: string | undefined): JobView {
  const job = runtime.arbiter.get(id ?? '') ?? runtime.runner.get(id ?? '') ?? runtime.journal.get(id ?? '')
  if (!job) throw new ApiError(404, 'job_not_found', 'job: is not known; GET /api/jobs lists them')
  return job
}

/** Asks a running job to end. @throws {ApiError} 404, 409, 503 */
export function cancelJob(runtime: Runtime, id: string | undefined): JobView {
  const job = jobOf(runtime, id)
  if (job.ended_at !== null)
    throw new ApiError(409, 'job_ended', `job: it has ended already (${job.state})`, { more: { job: job.id } })
  try {
    return runtime.runner.cancel(job.id) ?? runtime.arbiter.cancel(job.id) ?? job
  } catch (error) {
    if (error instanceof ArbiterClosedError) throw new ApiError(503, 'reloading', error.message, { retryAfter: 2 })
    throw error
  }
}
