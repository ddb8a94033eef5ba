import type { LiveHost } from '../cluster/hosts'
import type { Observed } from '../cluster/observed'
import { whileReachable } from '../cluster/while-reachable'
import type { Service } from '../config/cluster'
import type { JobError, JobView } from '../jobs/job'
import type { LaunchOrder } from '../launchers/launcher'
import type { Recipe } from '../models/recipe'
import { awaitMemory } from './await-memory'
import { killLaunch } from './job-directory'
import { followLoad, launchModel, proveModel } from './load-model'
import { preflight } from './preflight'
import { endSwap, enterPhase, type SwapPhase, secondsLeft, swapProgress } from './progress'
import { headOf, type StepContext, StepError, swapLimits } from './step'
import { stopModel } from './stop-model'

export interface SwapRunOptions {
  view: JobView
  /** What is launched; null: it unloads. */
  order: LaunchOrder | null
  service: Service
  /** What ran before by all that is known: a script of it has to be ended by its own command. */
  previous: Recipe | null
  /** Seconds that it usually takes. */
  usual: number
  hosts: Map<string, LiveHost>
  observed: Observed
  /** Told the log of a load that has come to an end, good or bad. */
  loaded?(log: string): void
  /** Keeps the view over a restart. */
  save(view: JobView): void
  /** Shows the view to whoever looks. */
  publish(view: JobView): void
}

export interface SwapRun {
  readonly view: JobView
  cancel(): void
  /** Stops following it here; what it began on the Sparks goes on, and the saved view tells how to take it up again. */
  letGo(): void
  /** The view at its end; null when it was let go. Never rejects. */
  readonly ended: Promise<JobView | null>
}

const saveEveryMs = 2000
// A script may take ten minutes to end.
const cleanUpMs = 700_000

/** Runs one swap through its phases. Every step may be done twice, so a view of an earlier run goes on where it was. */
export function swapRun(options: SwapRunOptions): SwapRun {
  const { order, service, previous, usual, hosts, observed, save, publish, loaded = () => {}, ...given } = options
  let view = given.view
  let saved = 0
  const cancelled = new AbortController()
  const released = new AbortController()
  const over = new AbortController()
  const began = Date.parse(view.created_at)
  const context: StepContext = {
    job: view.id,
    service,
    order,
    previous,
    hosts,
    observed,
    signal: AbortSignal.any([cancelled.signal, released.signal, over.signal]),
    report,
    log,
    loaded,
  }
  const ended = perform()

  async function perform(): Promise<JobView | null> {
    try {
      if (!view.ending) await walk()
      else return await cleanUp()
    } catch (error) {
      // One host failed: the others' steps of this phase end too.
      over.abort(new Error('the swap has ended'))
      if (released.signal.aborted) return letGoNow()
      const wanted = cancelled.signal.aborted
      // Kept before the cleaning up, so that a restart in its midst does not go on loading.
      change({ ending: wanted ? 'cancelled' : 'failed', error: wanted ? null : reasonOf(error) }, true)
      return await cleanUp()
    }
    return endSwap(view, 'done', now())
  }

  async function walk() {
    const done = new Set(view.phases.filter((each) => each.state === 'done').map((each) => each.name))
    const step = async (phase: SwapPhase, words: string, act: () => Promise<void>) => {
      if (done.has(phase)) return
      view = enterPhase(view, phase, words, now())
      change({}, true)
      await act()
      context.signal.throwIfAborted()
    }
    if (order) await step('preflight', 'looking whether it can work', () => preflight(order, context))
    await step('stop', 'ending what runs', () => stopModel(context))
    if (!order) return
    await step('memory', 'waiting for memory to come back', () => awaitMemory(order, context, swapLimits))
    await step('launch', 'starting the launcher', () => launchModel(order, context))
    let served: { id: string; root: string }[] = []
    // What answers now is seen anew after a restart.
    done.delete('load')
    done.delete('first_token')
    await step('load', 'loading', async () => {
      served = await followLoad(order, context, swapLimits)
    })
    await step('first_token', 'asking for a first token', () => proveModel(order, served, context))
  }

  /** Leaves no half-started model behind: first the launcher ends, then what it started. */
  async function cleanUp(): Promise<JobView | null> {
    const state = view.ending ?? 'failed'
    const touched = view.phases.some((each) => each.name === 'launch' && each.state !== 'pending')
    if (!touched) return endSwap(view, state, now(), view.error)
    const signal = AbortSignal.any([released.signal, AbortSignal.timeout(cleanUpMs)])
    try {
      await whileReachable(() => killLaunch(headOf(service, hosts), view.id), signal)
      await stopModel({ ...context, signal, report: () => {} })
      return endSwap(view, state, now(), view.error)
    } catch (error) {
      if (released.signal.aborted) return letGoNow()
      const rest = reasonOf(error)
      const first = view.error ?? rest
      return endSwap(view, 'needs_attention', now(), { ...first, remedy: `${rest.message}; ${rest.remedy}` })
    }
  }

  function report(share: number, detail?: string) {
    if (over.signal.aborted) return
    const phase = view.phase as SwapPhase
    const progress = Math.max(view.progress, swapProgress(phase, share))
    const eta_s = secondsLeft(progress, (Date.now() - began) / 1000, usual)
    const phases = view.phases.map((each) => (each.name === phase ? { ...each, detail: detail ?? each.detail } : each))
    const changed =
      JSON.stringify([progress, eta_s, phases]) !== JSON.stringify([view.progress, view.eta_s, view.phases])
    if (changed) change({ progress, eta_s, phases })
  }

  function log(lines: string[]) {
    if (lines.length > 0 && !over.signal.aborted) change({ log_tail: [...view.log_tail, ...lines].slice(-50) })
  }

  function change(part: Partial<JobView>, keep = performance.now() - saved > saveEveryMs) {
    view = { ...view, ...part, updated_at: now() }
    if (keep) {
      saved = performance.now()
      save(view)
    }
    publish(view)
  }

  function letGoNow(): null {
    save(view)
    return null
  }

  return {
    get view() {
      return view
    },
    cancel: () => cancelled.abort(new Error('cancelled')),
    letGo: () => released.abort(new Error('let go')),
    ended,
  }
}

function reasonOf(error: unknown): JobError {
  if (error instanceof StepError) return error.reason
  const [message = 'unknown', ...remedy] = (error instanceof Error ? error.message : String(error)).split('; ')
  return { code: 'step_failed', message, remedy: remedy.join('; ') || 'look at the hosts, then swap again' }
}

function now(): string {
  return new Date().toISOString()
}
