import type { Event } from '../events/hub'
import type { History } from '../history/history'
import { finalStates, type JobState, type JobView } from './job'

const endings: Partial<Record<JobState, string>> = {
  done: 'done',
  failed: 'failed',
  rolled_back: 'failed, the previous model is back',
  cancelled: 'cancelled',
  needs_attention: 'needs a person',
}

/** Makes the listener that records how each job ended, once. */
export function recordJobs(history: Pick<History, 'note'>): (event: Event) => void {
  const recorded = new Set<string>()
  return function listen({ type, data }) {
    if (type !== 'job' && type !== 'swap') return
    const job = data as JobView
    if (!finalStates.includes(job.state) || recorded.has(job.id)) return
    recorded.add(job.id)
    const why = job.error ? `: ${job.error.message}` : ''
    const text = `${jobTitle(job)}: ${endings[job.state] ?? job.state}${why}`
    history.note({ type: 'job', service: job.service, job: job.id, text })
  }
}

/** What a job is for, as a sentence begins. */
export function jobTitle({ title, recipe }: Pick<JobView, 'title' | 'recipe'>): string {
  return title ?? (recipe === null ? 'Unload the model' : `Swap to ${recipe}`)
}
