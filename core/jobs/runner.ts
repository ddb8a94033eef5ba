import type { Hub } from '../events/hub'
import type { JobView } from './job'
import { reasonOf } from './job-failure'
import { type Journal, jobId } from './journal'
import { endJob, enterJobPhase, inPhase, newJob } from './progress'

/** One step of a long action. It may be done twice: a controller that was killed does its last one again. */
export interface JobPhase {
  name: string
  title: string
  run(context: PhaseContext): Promise<void>
}

export interface PhaseContext {
  signal: AbortSignal
  /** How far this phase is (0 to 1), and what is happening. */
  report(share: number, detail?: string): void
  log(lines: string[]): void
  /** There is nothing more to do: the job ends done after this phase. */
  finish(detail: string): void
}

export interface JobRequest {
  service: string
  action: string
  title: string
  phases: JobPhase[]
  /** What the phases can be made from again after a restart of this program. */
  request: unknown
}

export interface RunnerOptions {
  journal: Journal
  hub: Hub
  log(event: string, error: unknown): void
  /** Makes the phases of a job that an earlier run of this program had accepted; null when it is no longer declared. */
  phasesOf(view: JobView, request: unknown): JobPhase[] | null
}

export class ActionRunningError extends Error {
  override name = 'ActionRunningError'
  constructor(readonly job: JobView) {
    super(`${job.title} is running; wait for it or cancel it`)
  }
}

// An action asked of a runner that was let go would never end.
export class RunnerClosedError extends Error {
  override name = 'RunnerClosedError'
}

export interface Runner {
  /** Accepts an action and begins it. @throws {ActionRunningError} while another of that service runs */
  start(asked: JobRequest): JobView
  /** Every action that runs now. */
  running(): JobView[]
  get(id: string): JobView | null
  cancel(id: string): JobView | null
  /** Goes on with what an earlier run of this program had accepted. */
  resume(): void
  /** Resolves when nothing runs here any more; unfinished jobs stay in the journal. */
  close(): Promise<void>
}

const kind = 'service'

/** Runs long actions, one at a time for each service. */
export function runner({ journal, hub, log, phasesOf }: RunnerOptions): Runner {
  const runs = new Map<string, Run>()
  let closed = false

  function start({ service, action, title, phases, request }: JobRequest): JobView {
    if (closed) throw new RunnerClosedError('the configuration is being read anew; try again shortly')
    const other = runs.get(service)
    if (other) throw new ActionRunningError(other.view)
    const view = newJob({ id: jobId(kind), kind, action, title, service, phases }, now())
    journal.add({ view, request })
    return begin(view, phases)
  }

  function begin(view: JobView, phases: JobPhase[]): JobView {
    const service = view.service ?? ''
    const run = runOf(view, phases, (next, keep) => {
      if (keep) save(next)
      // Whoever hears of its end must no longer find it among what runs.
      if (next.ended_at !== null) runs.delete(service)
      hub.publish('job', next)
    })
    if (run.view.ended_at === null) runs.set(service, run)
    return run.view
  }

  // A disk that is full must not end what goes well on the Spark.
  function save(view: JobView) {
    try {
      journal.save(view)
    } catch (error) {
      log('journal', error)
    }
  }

  return {
    start,
    running: () => [...runs.values()].map(({ view }) => view),
    get: (id) => [...runs.values()].find(({ view }) => view.id === id)?.view ?? null,
    cancel(id) {
      const run = [...runs.values()].find(({ view }) => view.id === id)
      run?.cancel()
      return run?.view ?? null
    },
    resume() {
      closed = false
      for (const { view, request } of journal.unfinished(kind)) {
        const phases = phasesOf(view, request)
        if (phases) begin(view, phases)
        else save(endJob(view, 'needs_attention', now(), gone(view.service)))
      }
    },
    async close() {
      closed = true
      const all = [...runs.values()]
      for (const run of all) run.letGo()
      await Promise.all(all.map(({ ended }) => ended))
      runs.clear()
    },
  }
}

interface Run {
  readonly view: JobView
  cancel(): void
  letGo(): void
  ended: Promise<void>
}

function runOf(first: JobView, phases: JobPhase[], show: (view: JobView, keep: boolean) => void): Run {
  const cancelled = new AbortController()
  const released = new AbortController()
  const signal = AbortSignal.any([cancelled.signal, released.signal])
  let view = first
  let enough = false

  function change(next: JobView, keep = true) {
    view = { ...next, updated_at: now() }
    show(view, keep)
  }

  async function perform() {
    try {
      for (const phase of phases) {
        const before = view.phases.find((each) => each.name === phase.name)
        if (enough || before?.state === 'done') continue
        change(enterJobPhase(view, phase.name, now()))
        await phase.run(context)
        signal.throwIfAborted()
      }
      change(endJob(view, 'done', now()))
    } catch (error) {
      if (released.signal.aborted) return
      const state = cancelled.signal.aborted ? 'cancelled' : 'failed'
      change(endJob(view, state, now(), state === 'failed' ? reasonOf(error) : null))
    }
  }

  const context: PhaseContext = {
    signal,
    report: (share, detail) => change(inPhase(view, share, detail), false),
    log(lines) {
      if (lines.length > 0) change({ ...view, log_tail: [...view.log_tail, ...lines].slice(-50) }, false)
    },
    finish(detail) {
      enough = true
      change(inPhase(view, 1, detail))
    },
  }

  return {
    get view() {
      return view
    },
    cancel: () => cancelled.abort(new Error('cancelled')),
    letGo: () => released.abort(new Error('let go')),
    ended: perform(),
  }
}

function gone(service: string | null) {
  return {
    code: 'declaration_gone',
    message: `${service} no longer has this action`,
    remedy: 'look at the service, then try again',
  }
}

function now(): string {
  return new Date().toISOString()
}
