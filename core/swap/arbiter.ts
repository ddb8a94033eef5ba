import type { LiveHost } from '../cluster/hosts'
import type { Observed } from '../cluster/observed'
import type { Service } from '../config/cluster'
import type { Hub } from '../events/hub'
import { finalStates, type JobError, type JobView } from '../jobs/job'
import { type Journal, jobId } from '../jobs/journal'
import type { Recipe } from '../models/recipe'
import { weightsOn } from '../models/weights'
import type { Durations } from './durations'
import { launchHosts } from './launch'
import { type Plan, plan } from './plan'
import { preflight } from './preflight'
import { endSwap, enterPhase, newSwap, type SwapPhase, secondsLeft, swapProgress } from './progress'
import {
  awaitMemory,
  connected,
  endLaunch,
  followLoad,
  launchModel,
  proveModel,
  type StepContext,
  StepError,
  stopModel,
  swapLimits,
} from './steps'

export interface ArbiterOptions {
  services: Service[]
  recipes: () => Recipe[]
  hosts: Map<string, LiveHost>
  observed: Observed
  journal: Journal
  durations: Durations
  hub: Hub
  /** Looks at a service at once, so that what the page shows does not lag behind a finished swap. */
  look(service: string): Promise<void>
}

export interface Loaded {
  service: string
  recipe: Recipe | null
  repo: string
  since: string
}

export interface Arbiter {
  /** What each swappable service serves. */
  loaded(): Loaded[]
  plan(recipe: Recipe | null, service: Service): Promise<Plan>
  /** Accepts a swap and begins it; the plan tells how long it usually takes. @throws {SwapRunningError} */
  start(recipe: Recipe | null, service: Service, usualSeconds: number): JobView
  /** The running swap, or the last one. */
  current(): JobView | null
  get(id: string): JobView | null
  cancel(id: string): JobView | null
  /** Goes on with a swap that an earlier run of this program had accepted. */
  resume(): void
  /** Resolves when nothing runs here any more; what runs on the Sparks goes on. */
  close(): Promise<void>
}

interface Running {
  view: JobView
  controller: AbortController
  ended: Promise<void>
}

// Freed memory of a GB10 comes back within about a minute.
const settlingMs = 60_000
const cancelled = Symbol('cancelled')
const closing = Symbol('closing')

/** The one that changes which model runs; one swap at a time. */
export function arbiter(options: ArbiterOptions): Arbiter {
  const { hosts, observed, journal, durations, hub } = options
  let running: Running | null = null
  let last: JobView | null = journal.list({ kind: 'swap', limit: 1 })[0] ?? null

  function loaded(): Loaded[] {
    return options.services.flatMap((service) => {
      const served = observed.serves(service.id)?.[0]
      if (!served) return []
      return [{ service: service.id, recipe: recipeOf(served, service), repo: served.root, since: served.since }]
    })
  }

  // Several recipes may launch the same weights: the one that was swapped to last is meant.
  function recipeOf(served: { id: string; root: string }, service: Service): Recipe | null {
    const fitting = options.recipes().filter((each) => each.repo === served.root || each.repo === served.id)
    const latest =
      last?.service === service.id && last.state === 'done'
        ? fitting.find((each) => each.id === last?.recipe)
        : undefined
    return latest ?? fitting[0] ?? null
  }

  async function planned(recipe: Recipe | null, service: Service): Promise<Plan> {
    return plan(recipe, service, {
      hosts: observed.hosts(),
      weights: recipe ? await weightsFor(recipe, service) : {},
      loaded: loaded().find((each) => each.service === service.id) ?? null,
      learnedSeconds: recipe ? durations.usual(recipe.id, service.id) : null,
      settling: last?.service === service.id && Date.now() - Date.parse(last.ended_at ?? '') < settlingMs,
    })
  }

  async function weightsFor(recipe: Recipe, service: Service): Promise<Record<string, number | null>> {
    const rows = launchHosts(recipe, service).map(async ({ id }) => {
      const live = hosts.get(id)
      if (live?.link.state !== 'up') return []
      const found = await weightsOn(live).catch(() => null)
      return found ? [[id, found.get(recipe.repo) ?? null] as const] : []
    })
    return Object.fromEntries((await Promise.all(rows)).flat())
  }

  function start(recipe: Recipe | null, service: Service, usual: number): JobView {
    const previous = loaded().find((each) => each.service === service.id)?.recipe?.id ?? null
    const view = newSwap(
      jobId('swap'),
      { recipe: recipe?.id ?? null, service: service.id, previous, eta: usual },
      now(),
    )
    journal.add({ view, request: { recipe: recipe?.id ?? null, service: service.id, eta_s: usual } })
    run(view, recipe, service, usual)
    return view
  }

  function resume() {
    for (const { view, request } of journal.unfinished('swap')) {
      const {
        recipe: id,
        service: on,
        eta_s: usual,
      } = request as { recipe: string | null; service: string; eta_s: number }
      const recipe = options.recipes().find((each) => each.id === id) ?? null
      const service = options.services.find((each) => each.id === on)
      if (service && (recipe || id === null)) run(view, recipe, service, usual)
      else finish(endSwap(view, 'needs_attention', now(), gone(id ?? on)))
    }
  }

  function run(view: JobView, recipe: Recipe | null, service: Service, usual: number) {
    const controller = new AbortController()
    const mine: Running = { view, controller, ended: Promise.resolve() }
    running = mine
    observed.loading(service.id, true)
    publish(view)
    mine.ended = perform(mine, recipe, service, usual).finally(() => {
      observed.loading(service.id, false)
      if (running === mine) running = null
    })
  }

  async function perform(mine: Running, recipe: Recipe | null, service: Service, usual: number) {
    const began = Date.parse(mine.view.created_at)
    const context = contextOf(mine, service, began, usual)
    try {
      await steps(mine, recipe, service, context)
      if (recipe) durations.learn(recipe.id, service.id, (Date.now() - began) / 1000)
      observed.loading(service.id, false)
      await options.look(service.id)
      finish(endSwap(mine.view, 'done', now()))
    } catch (error) {
      if (mine.controller.signal.reason === closing) return
      await abandon(mine, context, error)
    }
  }

  async function steps(mine: Running, recipe: Recipe | null, service: Service, context: StepContext) {
    // After a restart the journal says how far it was; every step may be done twice, a launch only attaches.
    const done = new Set(mine.view.phases.filter((each) => each.state === 'done').map((each) => each.name))
    const step = async (phase: SwapPhase, words: string, act: () => Promise<void>) => {
      if (done.has(phase)) return
      enter(mine, phase, words)
      await act()
      context.signal.throwIfAborted()
    }
    if (recipe) await step('preflight', 'looking whether it can work', () => checked(recipe, service, context))
    await step('stop', 'ending what runs', () => stopModel(context))
    if (!recipe) return
    await step('memory', 'waiting for memory to come back', () => awaitMemory(recipe, context, swapLimits))
    await step('launch', 'starting the launcher', () => launchModel(recipe, context))
    let served: { id: string; root: string }[] = []
    done.delete('load')
    await step('load', 'loading', async () => {
      served = await followLoad(recipe, context, swapLimits)
    })
    done.delete('first_token')
    await step('first_token', 'asking for a first token', () => proveModel(recipe, served, context))
  }

  async function checked(recipe: Recipe, service: Service, { signal }: StepContext) {
    const looks = launchHosts(recipe, service).map((host, index) => {
      const live = hosts.get(host.id)
      return live
        ? connected(() => preflight(live, recipe, index === 0, signal), signal)
        : Promise.resolve(`${host.id} is not declared`)
    })
    const reason = (await Promise.all(looks)).find((each) => each !== null)
    if (!reason) return
    const [message = reason, ...remedy] = reason.split('; ')
    throw new StepError({ code: 'preflight_failed', message, remedy: remedy.join('; ') })
  }

  /** A swap that ends early leaves no half-started model behind. */
  async function abandon(mine: Running, context: StepContext, error: unknown) {
    const wanted = mine.controller.signal.reason === cancelled
    const touched = mine.view.phases.some((each) => each.name === 'launch' && each.state !== 'pending')
    const reason = reasonOf(error)
    if (!touched) return finish(endSwap(mine.view, wanted ? 'cancelled' : 'failed', now(), wanted ? null : reason))
    try {
      const ending = { ...context, signal: AbortSignal.timeout(120_000), report: () => {} }
      await stopModel(ending)
      await endLaunch(ending)
      finish(endSwap(mine.view, wanted ? 'cancelled' : 'failed', now(), wanted ? null : reason))
    } catch (again) {
      const rest = reasonOf(again)
      finish(endSwap(mine.view, 'needs_attention', now(), { ...reason, remedy: `${rest.message}; ${rest.remedy}` }))
    }
  }

  function contextOf(mine: Running, service: Service, began: number, usual: number): StepContext {
    let saved = 0
    return {
      job: mine.view.id,
      service,
      hosts,
      observed,
      signal: mine.controller.signal,
      report(share, detail) {
        const phase = mine.view.phase as SwapPhase
        const progress = Math.max(mine.view.progress, swapProgress(phase, share))
        const eta = secondsLeft(progress, (Date.now() - began) / 1000, usual)
        const phases =
          detail === undefined
            ? mine.view.phases
            : mine.view.phases.map((each) => (each.name === phase ? { ...each, detail } : each))
        const previous = JSON.stringify([mine.view.progress, mine.view.eta_s, mine.view.phases])
        mine.view = { ...mine.view, progress, eta_s: eta, phases, updated_at: now() }
        if (JSON.stringify([progress, eta, phases]) === previous) return
        if (performance.now() - saved > 2000) {
          saved = performance.now()
          journal.save(mine.view)
        }
        publish(mine.view)
      },
      log(lines) {
        mine.view = { ...mine.view, log_tail: [...mine.view.log_tail, ...lines].slice(-50), updated_at: now() }
        publish(mine.view)
      },
    }
  }

  function enter(mine: Running, phase: SwapPhase, words: string) {
    mine.view = enterPhase(mine.view, phase, words, now())
    journal.save(mine.view)
    publish(mine.view)
  }

  function finish(view: JobView) {
    last = view
    journal.save(view)
    publish(view)
  }

  function publish(view: JobView) {
    if (running && running.view.id === view.id) running.view = view
    hub.publish('swap', view)
  }

  function cancel(id: string): JobView | null {
    if (running?.view.id !== id || finalStates.includes(running.view.state)) return get(id)
    running.controller.abort(cancelled)
    return running.view
  }

  function get(id: string): JobView | null {
    if (running?.view.id === id) return running.view
    const found = journal.get(id)
    return found?.kind === 'swap' ? found : null
  }

  return {
    loaded,
    plan: planned,
    start,
    current: () => running?.view ?? last,
    get,
    cancel,
    resume,
    async close() {
      running?.controller.abort(closing)
      await running?.ended
    },
  }
}

function reasonOf(error: unknown): JobError {
  if (error instanceof StepError) return error.reason
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'step_failed',
    message: message.split('; ')[0] ?? message,
    remedy: message.split('; ').slice(1).join('; ') || 'look at the hosts, then swap again',
  }
}

function gone(what: string): JobError {
  return {
    code: 'declaration_gone',
    message: `${what} is no longer declared`,
    remedy: 'look at what runs, then swap again',
  }
}

function now(): string {
  return new Date().toISOString()
}
