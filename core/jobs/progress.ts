import type { JobView } from './job'

export interface NewJob {
  id: string
  kind: string
  /** Left out where the kind says it all. */
  action?: string
  title?: string
  service: string | null
  repo?: string
  hosts?: string[]
  phases: readonly { name: string; title?: string }[]
}

/** A job as it stands before its first phase. @param at RFC 3339 */
export function newJob({ id, kind, action, title, service, repo, hosts, phases }: NewJob, at: string): JobView {
  return {
    id,
    kind,
    title,
    action,
    recipe: null,
    previous: null,
    service,
    repo,
    hosts,
    state: 'queued',
    phase: null,
    progress: 0,
    eta_s: null,
    phases: phases.map(({ name, title }) => ({
      name,
      title,
      state: 'pending',
      started_at: null,
      ended_at: null,
      detail: null,
    })),
    error: null,
    ending: null,
    log_tail: [],
    created_at: at,
    updated_at: at,
    ended_at: null,
  }
}

/** The job with `phase` running and the one before it done. */
export function enterJobPhase(job: JobView, phase: string, at: string, weights?: readonly number[]): JobView {
  const phases = job.phases.map((each) => {
    if (each.name === phase) return { ...each, state: 'running' as const, started_at: each.started_at ?? at }
    return each.state === 'running' ? { ...each, state: 'done' as const, ended_at: at } : each
  })
  return inPhase({ ...job, state: 'running', phase, phases, updated_at: at }, 0, undefined, weights)
}

/**
 * The job with its running phase `share` (0 to 1) through; the bar never falls.
 * @param weights how long each phase is beside the others; all are as long as any other where left out
 */
export function inPhase(job: JobView, share: number, detail?: string, weights?: readonly number[]): JobView {
  const index = job.phases.findIndex((each) => each.name === job.phase)
  const weigh = (n: number) => weights?.[n] ?? 1
  const whole = job.phases.reduce((sum, _, n) => sum + weigh(n), 0)
  const before = job.phases.slice(0, Math.max(0, index)).reduce((sum, _, n) => sum + weigh(n), 0)
  const progress = (before + Math.min(1, Math.max(0, share)) * weigh(index)) / (whole || 1)
  const phases = job.phases.map((each, n) => (n === index && detail !== undefined ? { ...each, detail } : each))
  return { ...job, phases, progress: Math.max(job.progress, progress) }
}

/** The job at its end. */
export function endJob(job: JobView, state: JobView['state'], at: string, error: JobView['error'] = null): JobView {
  const last = state === 'done' ? 'done' : 'failed'
  const phases = job.phases.map((each) => {
    if (each.state === 'running') return { ...each, state: last as 'done' | 'failed', ended_at: at }
    return each.state === 'pending' ? { ...each, state: 'skipped' as const } : each
  })
  return {
    ...job,
    state,
    phases,
    error,
    ending: null,
    eta_s: null,
    transfer: job.transfer && { ...job.transfer, bytes_s: null },
    progress: state === 'done' ? 1 : job.progress,
    updated_at: at,
    ended_at: at,
  }
}
