import type { JobView } from '../jobs/job'
import { newJob } from '../jobs/progress'

export { endJob as endSwap } from '../jobs/progress'

/** The phases of a swap, in order. */
export const swapPhases = ['preflight', 'stop', 'memory', 'launch', 'load', 'first_token'] as const
export type SwapPhase = (typeof swapPhases)[number]

// Where each phase begins on the bar: loading is nearly all of the time.
const begins: Record<SwapPhase, number> = {
  preflight: 0,
  stop: 0.02,
  memory: 0.07,
  launch: 0.1,
  load: 0.12,
  first_token: 0.97,
}

/** The bar's place for a phase that is `share` (0 to 1) through. */
export function swapProgress(phase: SwapPhase, share = 0): number {
  const next = swapPhases[swapPhases.indexOf(phase) + 1]
  const end = next ? begins[next] : 1
  return begins[phase] + (end - begins[phase]) * Math.min(1, Math.max(0, share))
}

/**
 * Seconds left, from the usual duration at first and more and more from the pace so far.
 * @param elapsed seconds since the swap began
 * @returns at least 1 while it runs
 */
export function secondsLeft(progress: number, elapsed: number, usual: number): number {
  const byUsual = usual - elapsed
  const byPace = progress > 0.02 ? (elapsed / progress) * (1 - progress) : byUsual
  const trust = byUsual > 0 ? Math.min(1, Math.max(0, (progress - 0.1) * 2)) : 1
  return Math.max(1, Math.round(byUsual * (1 - trust) + byPace * trust))
}

/** A new job as it stands before its first step. */
export function newSwap(
  id: string,
  request: { recipe: string | null; service: string; previous: string | null; eta: number },
  at: string,
): JobView {
  const { recipe, service, previous, eta } = request
  const job = newJob({ id, kind: 'swap', service, phases: swapPhases.map((name) => ({ name })) }, at)
  return { ...job, recipe, previous, eta_s: eta }
}

/** The job with `phase` running and everything before it done; the bar never falls. */
export function enterPhase(job: JobView, phase: SwapPhase, detail: string, at: string): JobView {
  const index = swapPhases.indexOf(phase)
  const phases = job.phases.map((each, n) => {
    if (n < index && each.state === 'running') return { ...each, state: 'done' as const, ended_at: at }
    if (n < index && each.state === 'pending') return { ...each, state: 'skipped' as const }
    if (n === index) return { ...each, state: 'running' as const, started_at: each.started_at ?? at, detail }
    return each
  })
  return {
    ...job,
    state: 'running',
    phase,
    phases,
    progress: Math.max(job.progress, swapProgress(phase)),
    updated_at: at,
  }
}
