import type { JobView } from '../../core/jobs/job'
import type { Runtime } from '../../core/runtime'
import { jobOf } from './jobs'

/**
 * Begins a job once for each `Idempotency-Key`: a repeated key gives the job that it gave before.
 * @param what the key belongs to this alone, as `swap`: the same key for something else is another
 * @param begin gets the way to keep the key, to be called as soon as the job is accepted, and the key itself for whom keeps it with the job
 */
export async function once<Answer>(
  runtime: Runtime,
  what: string,
  given: string | null,
  begin: (remember: (job: JobView) => void, key: string | null) => Promise<Answer>,
): Promise<Answer | { job: JobView }> {
  const key = given === null ? null : `${what} ${given}`
  const repeated = () => {
    const job = key === null ? null : runtime.journal.byKey(key)
    return job === null ? null : { job: jobOf(runtime, job) }
  }
  const earlier = repeated()
  if (earlier) return earlier
  try {
    return await begin((job) => {
      if (key !== null) runtime.journal.rememberKey(key, job.id)
    }, key)
  } catch (error) {
    // The same key may have been accepted while this request was still being looked at.
    const meanwhile = repeated()
    if (meanwhile) return meanwhile
    throw error
  }
}
