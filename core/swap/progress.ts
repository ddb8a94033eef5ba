import type { JobView, PhaseView, SwapCause } from '../jobs/job'
import { newJob } from '../jobs/progress'

export { endJob as endSwap } from '../jobs/progress'

/** The phases of a swap, in order. */
export const swapPhases = [
  'plan',
  'preflight',
  'drain',
  'stop',
  'memory',
  'launch',
  'load',
  'first_token',
  'commit',
] as const

/** The way back to what ran before, after a failure or a cancel. */
export const backPhases = ['back_stop', 'back_memory', 'back_launch', 'back_load', 'back_first_token'] as const

export type SwapPhase = (typeof swapPhases)[number]
export type BackPhase = (typeof backPhases)[number]

// Where each phase begins on the bar: loading is nearly all of the time.
const begins: Record<SwapPhase | BackPhase, number> = {
  plan: 0,
  preflight: 0.005,
  drain: 0.02,
  stop: 0.03,
  memory: 0.07,
  launch: 0.1,
  load: 0.12,
  first_token: 0.97,
  commit: 0.995,
  back_stop: 0,
  back_memory: 0.1,
  back_launch: 0.14,
  back_load: 0.16,
  back_first_token: 0.97,
}

/** The bar's place, on its own way, for a phase that is `share` (0 to 1) through. */
export function swapProgress(phase: SwapPhase | BackPhase, share = 0): number {
  const way: readonly (SwapPhase | BackPhase)[] = isBack(phase) ? backPhases : swapPhases
  const next = way[way.indexOf(phase) + 1]
  const end = next ? begins[next] : 1
  return begins[phase] + (end - begins[phase]) * Math.min(1, Math.max(0, share))
}

export function isBack(phase: string): phase is BackPhase {
  return (backPhases as readonly string[]).includes(phase)
}

/**
 * Seconds left, from the usual duration at first and more and more from the pace so far.
 * @param progress 0 to 1, of this way
 * @param elapsed seconds since this way began
 * @returns at least 1 while it runs
 */
export function secondsLeft(progress: number, elapsed: number, usual: number): number {
  const byUsual = usual - elapsed
  const byPace = progress > 0.02 ? (elapsed / progress) * (1 - progress) : byUsual
  const trust = byUsual > 0 ? Math.min(1, Math.max(0, (progress - 0.1) * 2)) : 1
  return Math.max(1, Math.round(byUsual * (1 - trust) + byPace * trust))
}

/**
 * Seconds left where it is known how long each phase takes: the rest of this one, and all that follow.
 * @param share of this phase, 0 to 1
 * @param inPhase seconds since it began
 * @param usual seconds by phase
 * @returns at least 1; null where the phase was never seen
 */
export function secondsByPhase(
  phase: SwapPhase | BackPhase,
  share: number,
  inPhase: number,
  usual: Partial<Record<string, number>>,
): number | null {
  const own = usual[phase]
  if (own === undefined) return null
  const way: readonly string[] = isBack(phase) ? backPhases : swapPhases
  const later = way.slice(way.indexOf(phase) + 1).reduce((sum, each) => sum + (usual[each] ?? 0), 0)
  return Math.max(1, Math.round(secondsLeft(share, inPhase, own) + later))
}

export interface NewSwap {
  recipe: string | null
  service: string
  previous: string | null
  eta: number
  by: SwapCause
  makesRoom: { service: string; recipe: string | null }[]
}

/** A new job as it stands before its first step; it was planned already. */
export function newSwap(id: string, { recipe, service, previous, eta, by, makesRoom }: NewSwap, at: string): JobView {
  const job = newJob({ id, kind: 'swap', service, phases: swapPhases.map((name) => ({ name })) }, at)
  const phases = job.phases.map((each) =>
    each.name === 'plan' ? { ...each, state: 'done' as const, started_at: at, ended_at: at } : each,
  )
  return {
    ...job,
    phases,
    recipe,
    previous,
    by,
    makes_room: makesRoom,
    result: null,
    cancels: 0,
    fence: null,
    eta_s: eta,
  }
}

/** The job with `phase` running and all before it ended; the bar never falls. */
export function enterPhase(job: JobView, phase: SwapPhase | BackPhase, detail: string, at: string): JobView {
  const known = job.phases.some((each) => each.name === phase)
  const all = known ? job.phases : [...job.phases, ...backPhases.map(pending)]
  const index = all.findIndex((each) => each.name === phase)
  const phases = all.map((each, n) => {
    if (n < index && each.state === 'running') return { ...each, state: endOf(each, phase), ended_at: at }
    if (n < index && each.state === 'pending') return { ...each, state: 'skipped' as const }
    if (n !== index) return each
    return { ...each, state: 'running' as const, started_at: each.started_at ?? at, ended_at: null, detail }
  })
  return { ...job, state: 'running', phase, phases, updated_at: at }
}

/** The job with its running phase done. */
export function leavePhase(job: JobView, at: string): JobView {
  const phases = job.phases.map((each) =>
    each.name === job.phase ? { ...each, state: 'done' as const, ended_at: at } : each,
  )
  return { ...job, phases, updated_at: at }
}

// What was under way when the way back began has not been done.
function endOf({ name }: PhaseView, next: string): 'done' | 'failed' {
  return isBack(next) && !isBack(name) ? 'failed' : 'done'
}

function pending(name: string): PhaseView {
  return { name, state: 'pending', started_at: null, ended_at: null, detail: null }
}
