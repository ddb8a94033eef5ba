import type { Hub } from '../events/hub'
import type { JobView, TransferView } from './job'
import { type JobRun, jobRun } from './job-run'
import { type Journal, jobId } from './journal'
import { endJob, newJob } from './progress'

/** One step of a long action. It may be done twice: a controller that was killed does its last one again. */
export interface JobPhase {
  name: string
  title: string
  /** How long it is beside the others of its job; 1 where left out. */
  weight?: number
  /** Once begun it is brought to its end: a cancel comes too late. */
  irrevocable?: boolean
  run(context: PhaseContext): Promise<void>
  /** Ends what it began on a Spark, after a cancel. It too may be done twice. */
  abandon?(context: PhaseContext): Promise<void>
}

export interface PhaseContext {
  /** The job's id. */
  job: string
  signal: AbortSignal
  /** How far this phase is (0 to 1), and what is happening. */
  report(share: number, detail?: string): void
  log(lines: string[]): void
  /** Bytes that go onto a Spark, and the seconds that are left; null where that is not known. */
  transfer(view: TransferView, etaS: number | null): void
  /** There is nothing more to do: the job ends done after this phase. */
  finish(detail: string): void
}

export interface JobRequest {
  /** What it works on, by a service's id or a model's repo: one job at a time for each. */
  subject: { service: string } | { repo: string; hosts: string[] }
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
  /** Accepts an action and begins it. @throws {ActionRunningError} while another of that subject runs */
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

// Jobs of kind `swap` are the arbiter's.
const kinds = ['service', 'model'] as const

/** Runs long actions, one at a time for each service and each model. */
export function runner({ journal, hub, log, phasesOf }: RunnerOptions): Runner {
  const runs = new Map<string, JobRun>()
  let closed = false

  function start({ subject, action, title, phases, request }: JobRequest): JobView {
    if (closed) throw new RunnerClosedError('the configuration is being read anew; try again shortly')
    const [kind, on] =
      'repo' in subject ? (['model', { ...subject, service: null }] as const) : (['service', subject] as const)
    const view = newJob({ id: jobId(kind), kind, action, title, ...on, phases }, now())
    const other = runs.get(keyOf(view))
    if (other) throw new ActionRunningError(other.view)
    journal.add({ view, request })
    return begin(view, phases)
  }

  function begin(view: JobView, phases: JobPhase[]): JobView {
    const key = keyOf(view)
    const run = jobRun(view, phases, (next, keep) => {
      if (keep) save(next)
      // Whoever hears of its end must no longer find it among what runs.
      if (next.ended_at !== null) runs.delete(key)
      hub.publish('job', next)
    })
    if (run.view.ended_at === null) runs.set(key, run)
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
      for (const { view, request } of kinds.flatMap((kind) => journal.unfinished(kind))) {
        const phases = phasesOf(view, request)
        if (phases) begin(view, phases)
        else save(endJob(view, 'needs_attention', now(), gone(view)))
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

const keyOf = ({ service, repo }: JobView) => (repo ? `model ${repo}` : `service ${service}`)

function gone({ service, repo }: JobView) {
  return {
    code: 'declaration_gone',
    message: `${repo ?? service} no longer has this action`,
    remedy: 'look at what is declared, then try again',
  }
}

function now(): string {
  return new Date().toISOString()
}
