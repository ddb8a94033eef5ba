import { ApiError } from '../../core/gateway/api-error'
import type { JobView } from '../../core/jobs/job'
import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'

/** Every long action, whatever its kind. */
export const jobRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/jobs',
    tag: 'jobs',
    summary: 'Jobs, newest first; `?limit=&cursor=`',
    handle({ runtime, url }) {
      const limit = limitOf(url, 50, 200)
      const jobs = runtime.journal.list({ limit, before: url.searchParams.get('cursor') ?? undefined })
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
    answers: { 404: 'no such job', 409: 'it has ended' },
    handle: ({ runtime, params }) => cancelJob(runtime, params.job),
  },
]

/** @throws {ApiError} 404 */
export function jobOf(runtime: Runtime, id: string | undefined): JobView {
  const job = runtime.arbiter.get(id ?? '') ?? runtime.runner.get(id ?? '') ?? runtime.journal.get(id ?? '')
  if (!job) throw new ApiError(404, 'job_not_found', 'job: is not known; GET /api/jobs lists them')
  return job
}

/** Asks a running job to end. @throws {ApiError} 404, 409 */
export function cancelJob(runtime: Runtime, id: string | undefined): JobView {
  const job = jobOf(runtime, id)
  if (job.ended_at !== null)
    throw new ApiError(409, 'job_ended', `job: it has ended already (${job.state})`, { more: { job: job.id } })
  return runtime.runner.cancel(job.id) ?? runtime.arbiter.cancel(job.id) ?? job
}

/** A whole number of `?limit=`, or of another name. @throws {ApiError} 422 */
export function limitOf(url: URL, standard: number, most: number, name = 'limit'): number {
  const text = url.searchParams.get(name)
  if (text === null) return standard
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1)
    throw new ApiError(422, 'invalid_limit', `${name}: is not a number from 1 to ${most}`, { param: name })
  return Math.min(Number(text), most)
}
