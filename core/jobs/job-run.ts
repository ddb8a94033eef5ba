import type { JobView } from './job'
import { reasonOf } from './job-failure'
import { endJob, enterJobPhase, inPhase } from './progress'
import type { JobPhase, PhaseContext } from './runner'

/** One job under way. */
export interface JobRun {
  readonly view: JobView
  cancel(): void
  /** Stops following it here; what it began on the Sparks goes on. */
  letGo(): void
  /** Never rejects. */
  ended: Promise<void>
}

const abandonMs = 120_000

/** Walks a job through its phases; those that an earlier run of this program had done are passed over. */
export function jobRun(first: JobView, phases: JobPhase[], show: (view: JobView, keep: boolean) => void): JobRun {
  const cancelled = new AbortController()
  const released = new AbortController()
  const either = AbortSignal.any([cancelled.signal, released.signal])
  const weights = phases.map(({ weight = 1 }) => weight)
  let view = first
  let enough = false

  function change(next: JobView, keep = true) {
    view = { ...next, updated_at: now() }
    show(view, keep)
  }

  async function perform() {
    try {
      if (view.ending === 'cancelled') cancelled.abort(new Error('cancelled'))
      await walk()
      change(endJob(view, 'done', now()))
    } catch (error) {
      if (released.signal.aborted) return
      if (cancelled.signal.aborted) await abandon()
      else change(endJob(view, 'failed', now(), reasonOf(error)))
    }
  }

  async function walk() {
    for (const phase of phases) {
      const before = view.phases.find((each) => each.name === phase.name)
      if (enough || before?.state === 'done') continue
      const signal = phase.irrevocable ? released.signal : either
      signal.throwIfAborted()
      change(enterJobPhase(view, phase.name, now(), weights))
      await phase.run({ ...context, signal })
      signal.throwIfAborted()
    }
  }

  async function abandon() {
    // Kept before it is done, so that a restart in its midst does not go on with what was cancelled.
    change({ ...view, ending: 'cancelled' })
    const phase = phases.find(({ name }) => name === view.phase)
    const signal = AbortSignal.any([released.signal, AbortSignal.timeout(abandonMs)])
    try {
      await phase?.abandon?.({ ...context, signal })
      change(endJob(view, 'cancelled', now()))
    } catch (error) {
      if (!released.signal.aborted) change(endJob(view, 'needs_attention', now(), reasonOf(error)))
    }
  }

  const context: Omit<PhaseContext, 'signal'> = {
    job: first.id,
    report: (share, detail) => change(inPhase(view, share, detail, weights), false),
    log(lines) {
      if (lines.length > 0) change({ ...view, log_tail: [...view.log_tail, ...lines].slice(-50) }, false)
    },
    transfer: (transfer, etaS) => change({ ...view, transfer, eta_s: etaS }, false),
    finish(detail) {
      enough = true
      change(inPhase(view, 1, detail, weights))
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

function now(): string {
  return new Date().toISOString()
}
