import type { LiveHost } from '../cluster/hosts'
import type { Observed } from '../cluster/observed'
import type { Service } from '../config/cluster'
import type { Hub } from '../events/hub'
import { finalStates, type JobError, type JobView } from '../jobs/job'
import { type Journal, jobId } from '../jobs/journal'
import type { LaunchOrder } from '../launchers/launcher'
import type { Launches } from '../models/memory/launches'
import { measured } from '../models/memory/measured'
import type { Recipe } from '../models/recipe'
import type { Reckoning } from '../models/reckoning'
import type { Durations } from './durations'
import { type Planned, plan } from './plan'
import { endSwap, newSwap } from './progress'
import { type SwapRequest, swapRequest } from './swap-request'
import { type SwapRun, swapRun } from './swap-run'

export interface ArbiterOptions {
  services: Service[]
  recipes: () => Recipe[]
  hosts: Map<string, LiveHost>
  observed: Observed
  reckoning: Reckoning
  launches: Launches
  journal: Journal
  durations: Durations
  hub: Hub
  log(event: string, error: unknown): void
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
  plan(recipe: Recipe | null, service: Service): Promise<Planned>
  /** Accepts a swap (or, without an order, an unload) and begins it; the plan tells how long it usually takes. @throws {SwapRunningError} */
  start(order: LaunchOrder | null, service: Service, usualSeconds: number): JobView
  /** The recipe that was loaded last into a service, or null. */
  lastLoaded(service: string): string | null
  /** The running swap, or the last one. */
  current(): JobView | null
  get(id: string): JobView | null
  cancel(id: string): JobView | null
  /** Goes on with a swap that an earlier run of this program had accepted. */
  resume(): void
  /** Resolves when nothing runs here any more; what runs on the Sparks goes on. */
  close(): Promise<void>
}

// A swap asked of an arbiter that was let go would never end.
export class ArbiterClosedError extends Error {
  override name = 'ArbiterClosedError'
}

// Freed memory of a GB10 comes back within about a minute.
const settlingMs = 60_000

/** The one that changes which model runs; one swap at a time. */
export function arbiter(options: ArbiterOptions): Arbiter {
  const { hosts, observed, reckoning, launches, journal, durations, hub } = options
  let running: SwapRun | null = null
  let settled = Promise.resolve()
  let closed = false
  const recent = journal.list({ kind: 'swap', limit: 200 })
  let last: JobView | null = recent[0] ?? null
  const resumed = new Set<string>()
  const lastDone = new Map(
    recent
      .filter(isDone)
      .reverse()
      .map((view) => [view.service, { id: view.id, recipe: view.recipe }]),
  )

  function loaded(): Loaded[] {
    return options.services.flatMap((service) => {
      const served = observed.serves(service.id)?.[0]
      if (!served) return []
      const recipe = recipeOf(served, service)
      // What is mounted by path serves that path; people know it by its repo.
      return [{ service: service.id, recipe, repo: recipe?.repo ?? served.root, since: served.since }]
    })
  }

  // Several recipes may launch the same weights: the one that was swapped to last is meant.
  function recipeOf(served: { id: string; root: string }, service: Service): Recipe | null {
    const fitting = options.recipes().filter((each) => each.repo === served.root || each.repo === served.id)
    const latest = fitting.find((each) => each.id === lastDone.get(service.id)?.recipe)
    return latest ?? fitting[0] ?? null
  }

  async function planned(recipe: Recipe | null, service: Service): Promise<Planned> {
    const disks = recipe ? await reckoning.look(recipe, service) : { found: {}, place: { place: null, problem: null } }
    return plan(recipe, service, {
      hosts: observed.hosts(),
      ...disks,
      ledgers: recipe ? reckoning.ledgers(recipe, service) : [],
      launches: recipe ? launches.of(recipe, service) : [],
      loaded: loaded().find((each) => each.service === service.id) ?? null,
      learnedSeconds: recipe ? durations.usual(recipe.id, service.id) : null,
      settling: settling(),
    })
  }

  /** Hosts where a swap has ended a model a moment ago. */
  function settling(): string[] {
    if (!last?.ended_at || Date.now() - Date.parse(last.ended_at) >= settlingMs) return []
    return options.services.find(({ id }) => id === last?.service)?.hosts.map(({ id }) => id) ?? []
  }

  function start(order: LaunchOrder | null, service: Service, usual: number): JobView {
    if (closed) throw new ArbiterClosedError('the configuration is being read anew; try again shortly')
    // Its end may not have been written while the disk was full; written now, it no longer bars the next.
    if (last?.ended_at) save(last)
    const recipe = order?.recipe.id ?? null
    const previous = loaded().find((each) => each.service === service.id)?.recipe?.id ?? null
    const view = newSwap(jobId('swap'), { recipe, service: service.id, previous, eta: usual }, now())
    journal.add({ view, request: swapRequest(order, service, usual) })
    run(view, order, service, usual)
    return view
  }

  function resume() {
    closed = false
    for (const { view, request } of journal.unfinished('swap')) {
      const { recipe: id, service: on, eta_s: usual, order } = request as SwapRequest
      const service = options.services.find((each) => each.id === on)
      resumed.add(view.id)
      if (service && (order || id === null)) run(view, order ? { ...order, service } : null, service, usual)
      else finish(endSwap(view, 'needs_attention', now(), gone(id ?? on)))
    }
  }

  function run(view: JobView, order: LaunchOrder | null, service: Service, usual: number) {
    observed.loading(service.id, true)
    const previous = launchedBefore(view, service)
    let loadLog = ''
    const heard = (log: string) => {
      loadLog = log
    }
    const mine = swapRun({ view, order, service, previous, usual, hosts, observed, save, publish, loaded: heard })
    running = mine
    publish(view)
    settled = mine.ended
      .then(async (end) => {
        observed.loading(service.id, false)
        if (end?.state === 'done') await options.look(service.id)
        if (end) finish(end)
        if (order && loadLog !== '') learnMemory(order, service, loadLog)
        if (end?.state === 'done' && order && !resumed.has(view.id)) learn(end, order.recipe, service)
      })
      .catch((error) => options.log('swap', error))
      .finally(() => {
        if (running === mine) running = null
      })
  }

  /** What runs there by all that is known: as it was launched, else as its recipe says now, if its commands may run. */
  function launchedBefore({ previous }: JobView, service: Service): Recipe | null {
    const done = lastDone.get(service.id)
    const id = previous ?? done?.recipe ?? null
    const launched = done && done.recipe === id ? (journal.request(done.id) as SwapRequest | null)?.order : undefined
    return launched?.recipe ?? options.recipes().find((each) => each.id === id && each.trusted) ?? null
  }

  // The time that this program was down would spoil the estimate.
  function learn(end: JobView, recipe: Recipe, service: Service) {
    durations.learn(recipe.id, service.id, (Date.parse(end.ended_at ?? '') - Date.parse(end.created_at)) / 1000)
  }

  function learnMemory(order: LaunchOrder, service: Service, log: string) {
    const [head] = service.hosts
    const total = head ? (observed.host(head.id)?.facts?.memory_total_bytes ?? null) : null
    if (head) launches.learn(order.recipe, service, head.id, measured(log, order.memory[head.id]?.takes ?? null, total))
  }

  // A disk that is full must not end a good model; the next save may work again.
  function save(view: JobView) {
    try {
      journal.save(view)
    } catch (error) {
      options.log('journal', error)
    }
  }

  function finish(view: JobView) {
    last = view
    if (isDone(view)) lastDone.set(view.service, { id: view.id, recipe: view.recipe })
    save(view)
    publish(view)
  }

  function publish(view: JobView) {
    hub.publish('swap', view)
  }

  function current(): JobView | null {
    if (!running) return last
    return last?.id === running.view.id && last.ended_at !== null ? last : running.view
  }

  function cancel(id: string): JobView | null {
    if (running?.view.id !== id || finalStates.includes(running.view.state)) return get(id)
    running.cancel()
    return running.view
  }

  function get(id: string): JobView | null {
    const shown = current()
    if (shown?.id === id) return shown
    const found = journal.get(id)
    return found?.kind === 'swap' ? found : null
  }

  return {
    loaded,
    plan: planned,
    start,
    lastLoaded: (service) => lastDone.get(service)?.recipe ?? null,
    current,
    get,
    cancel,
    resume,
    async close() {
      closed = true
      running?.letGo()
      await settled
    },
  }
}

function isDone(view: JobView): boolean {
  return view.state === 'done'
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
