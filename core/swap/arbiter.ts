import { type Clock, stamp, systemClock } from '../clock'
import { asker } from '../cluster/probe'
import type { Host, Service } from '../config/cluster'
import { type Lock, LockedError } from '../coordination/lock'
import type { Hub } from '../events/hub'
import type { Door } from '../gateway/door'
import { finalStates, type JobView } from '../jobs/job'
import { type Journal, jobId } from '../jobs/journal'
import type { LaunchOrder } from '../launchers/launcher'
import type { Launches } from '../models/memory/launches'
import { measured } from '../models/memory/measured'
import type { Recipe } from '../models/recipe'
import type { Reckoning } from '../models/reckoning'
import type { Store } from '../store/store'
import { surely } from '../store/surely'
import { anonymous } from '../webhooks/anonymous'
import type { Outbox } from '../webhooks/outbox'
import type { Durations } from './durations'
import { fenceNumber } from './fence-number'
import { enoughFailures, launchEnds } from './launch-ends'
import { type LoadedModel, loadedModels } from './loaded-models'
import type { Loads } from './loads'
import { type Orphan, orphanWords, withStrays } from './orphans'
import { outcome } from './outcome'
import { type Planned, plan } from './plan'
import { endSwap, newSwap } from './progress'
import { type MayEnd, roomFor } from './room'
import { type StepContext, type SwapHost, type SwapLimits, type SwapSight, swapLimits } from './steps/step'
import { keptRequest, type SwapOrder, type SwapRequest, takenUp } from './swap-request'
import { type SwapRun, swapRun } from './swap-run'

export interface ArbiterOptions {
  services: Service[]
  recipes: () => Recipe[]
  hosts: Map<string, SwapHost>
  observed: SwapSight
  reckoning: Pick<Reckoning, 'look' | 'ledgers'>
  launches: Launches
  store: Store
  journal: Journal
  durations: Durations
  loads: Loads
  outbox: Outbox
  lock: Pick<Lock, 'admits' | 'view'>
  door: Door
  hub: Pick<Hub, 'publish'>
  limits?: SwapLimits
  clock?: Clock
  ask?: StepContext['ask']
  newId?: () => string
  log(event: string, error: unknown): void
  /** Containers that belong to nothing which is loaded. */
  leftOver?(): Orphan[]
  /** Told which of them a swap ends. */
  endsToo?(swap: JobView, orphan: Orphan): void
  /** Looks at a service at once, so that what the page shows does not lag behind a finished swap. */
  look(service: string): Promise<void>
}

export interface Arbiter {
  /** What each swappable service serves. */
  loaded(): LoadedModel[]
  /** Plans a swap. @param mayEnd which models of other services may end to make room; none where it is left out */
  plan(recipe: Recipe | null, service: Service, mayEnd?: MayEnd): Promise<Planned>
  /**
   * Accepts a swap and begins it.
   * @param by the token of the lock's holder, or that a person has confirmed to pass it over; `key` gives this job for 24 h
   * @throws {SwapRunningError} {LockedError} {ArbiterClosedError}
   */
  start(order: SwapOrder, by?: { token?: string | null; forced?: boolean; key?: string | null }): JobView
  /** Runs one after the other what decides whether a swap may begin: of a hundred at once the first is accepted, the others see it. */
  alone<T>(decide: () => Promise<T>): Promise<T>
  /** The recipe that was loaded last into a service, or null. */
  lastLoaded(service: string): string | null
  /** How often in a row launches of a recipe have failed within the hour. */
  failures(recipe: Recipe, service: string): number
  /** The running swap, or the last one. */
  current(): JobView | null
  get(id: string): JobView | null
  /** Once, and what ran before comes back; again, and nothing does. @throws {ArbiterClosedError} */
  cancel(id: string): JobView | null
  /** What the disk said while it takes no entries of the journal; else null. */
  trouble(): string | null
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
  const { services, hosts, observed, reckoning, launches, journal, durations, loads, lock, door, hub } = options
  const { clock = systemClock, limits = swapLimits, newId = () => jobId('swap'), store, outbox } = options
  const { leftOver = () => [] } = options
  const nextFence = fenceNumber(store)
  const declaredHosts = [...hosts.values()].map(({ host }) => host)
  const ends = launchEnds(store, clock.now)
  const loaded = loadedModels(options)
  let running: { run: SwapRun; done: Promise<void> } | null = null
  let closed = new AbortController()
  let trouble: string | null = null
  let turn: Promise<unknown> = Promise.resolve()
  const [newest = null] = journal.list({ kind: 'swap', limit: 1 })
  let last: JobView | null = newest
  let left: JobView | null = null
  const resumed = new Set<string>()

  async function planned(recipe: Recipe | null, service: Service, mayEnd: MayEnd = () => false): Promise<Planned> {
    const made = plan(recipe, service, await stateFor(recipe, service, mayEnd))
    const backs = made.stops.map((slot) => backOf(slot.service, made.back))
    return { ...made, back: (await Promise.all(backs)).filter((each) => each !== null) }
  }

  /** How what is loaded in a service is launched again. */
  async function backOf(service: Service, known: LaunchOrder[]): Promise<LaunchOrder | null> {
    const launched = known.find((each) => each.service.id === service.id)
    const recipe = loaded.now().find((each) => each.service === service.id)?.recipe
    if (launched || !recipe?.trusted) return launched ?? null
    // Nobody launched it from here, as after a change of the controller: it would be launched as its recipe says.
    return plan(recipe, service, await stateFor(recipe, service, () => false)).order
  }

  async function stateFor(recipe: Recipe | null, service: Service, mayEnd: MayEnd) {
    const disks = recipe ? await reckoning.look(recipe, service) : { found: {}, place: { place: null, problem: null } }
    const now = loaded.now().find((each) => each.service === service.id) ?? null
    return {
      hosts: observed.hosts(),
      ...disks,
      ledgers: recipe ? reckoning.ledgers(recipe, service) : [],
      launches: recipe ? launches.of(recipe, service) : [],
      loaded: now,
      runs: loaded.runs(service),
      launched: now?.recipe ? loaded.launched(service, now.recipe) : null,
      learnedSeconds: recipe ? durations.usual(recipe.id, service.id) : null,
      failures: recipe ? ends.failures(recipe, service.id) : 0,
      settling: settling(),
      ...(recipe ? { room: roomFor(recipe, service, mayEnd, { services, loaded, door, reckoning, clock }) } : {}),
    }
  }

  /** Hosts where a swap has ended a model a moment ago. */
  function settling(): string[] {
    if (!last?.ended_at || clock.now() - Date.parse(last.ended_at) >= settlingMs) return []
    return services.find(({ id }) => id === last?.service)?.hosts.map(({ id }) => id) ?? []
  }

  function start(order: SwapOrder, by: Parameters<Arbiter['start']>[1] = {}): JobView {
    const { token = null, forced = false, key = null } = by
    if (closed.signal.aborted) throw closedError()
    if (!forced && !lock.admits(token)) throw new LockedError(lock.view())
    const now = loaded.now()
    const previous = now.find((each) => each.service === order.service.id)?.recipe?.id ?? null
    const stopped = order.stops.map(({ service }) => service.id)
    const accepted = { ...order, ran: stopped.filter((id) => now.some((each) => each.service === id)) }
    const makesRoom = order.stops
      .slice(1)
      .map(({ service, recipe }) => ({ service: service.id, recipe: recipe?.id ?? null }))
    const asked = { recipe: order.order?.recipe.id ?? null, service: order.service.id, previous, eta: order.usual }
    const view = newSwap(newId(), { ...asked, by: order.by, makesRoom }, stamp(clock))
    store.transaction(() => {
      journal.add({ view, request: keptRequest(accepted) })
      if (key !== null) journal.rememberKey(key, view.id)
      outbox.add(`swap_started:${view.id}`, 'swap_started', told(view, declaredHosts))
    })()
    run(view, accepted)
    return view
  }

  function resume() {
    closed = new AbortController()
    left = null
    for (const { view, request } of journal.unfinished('swap')) {
      resumed.add(view.id)
      const order = takenUp(request as SwapRequest, services)
      if (order) run(view, order)
      else void finish(endSwap(view, 'needs_attention', stamp(clock), gone(view)), null, { back: [], took: {} })
    }
  }

  function run(view: JobView, asked: SwapOrder) {
    const touched = [...new Set(asked.stops.map(({ service }) => service.id))]
    // It is accepted: what is only read or noted beside it must not stop it.
    const strays = quietly(() => leftOver().filter(({ service }) => touched.includes(service))) ?? []
    quietly(() => strays.map((each) => options.endsToo?.(view, each)))
    const swap = { ...asked, stops: withStrays(asked.stops, strays, declaredHosts) }
    const phases = swap.order && quietly(() => durations.phases(swap.order?.recipe.id ?? '', swap.service.id))
    for (const service of touched) observed.loading(service, true)
    const mine = swapRun({
      view,
      swap,
      limits,
      door,
      nextFence,
      leftOver: strays.map(orphanWords),
      means: { hosts, observed, clock, ask: options.ask ?? asker },
      usual: { whole: swap.usual, phases: phases ?? {} },
      usualOf: ({ recipe, service }) => ({
        whole: quietly(() => durations.usual(recipe.id, service.id)) ?? swap.usual,
        phases: {},
      }),
      refusal: ({ recipe, service }) =>
        ends.failures(recipe, service.id) < enoughFailures ? null : failedTooOften(recipe.id),
      launchEnded: ({ recipe, service }, launch, ok) => quietly(() => ends.note(launch, recipe, service.id, ok)),
      loaded: learnMemory,
      save: journal.save,
      publish,
      onTrouble,
    })
    running = { run: mine, done: done() }
    publish(view)

    async function done() {
      const end = await mine.ended
      for (const service of touched) observed.loading(service, false)
      if (end && end.result !== 'unknown')
        await Promise.all(touched.map((service) => options.look(service).catch(() => {})))
      if (end) await finish(end, swap, mine)
      // Let go: whoever takes it up keeps the door shut, and until then it is shown as it was left.
      else left = mine.view
      if (end) for (const service of touched) door.open(service)
      if (running?.run === mine) running = null
    }
  }

  /** Its end, what is to run from now on, and the word to others are kept together or not at all. */
  async function finish(view: JobView, swap: SwapOrder | null, { back, took }: Pick<SwapRun, 'back' | 'took'>) {
    const { sets, clears } = outcome(view, swap, back, bootsOf, clock.now())
    const type = view.state === 'done' ? 'swap_complete' : 'swap_failed'
    const write = store.transaction(() => {
      for (const service of clears) loads.clear(service)
      for (const load of sets) loads.set(load)
      journal.save(view)
      outbox.add(`${type}:${view.id}`, type, told(view, declaredHosts))
    })
    try {
      await surely(() => write(), clock, closed.signal, onTrouble)
      onTrouble(null)
    } catch (error) {
      // Let go before the disk took it: whoever takes it up sees the same and ends it again.
      if (closed.signal.aborted) {
        left = view
        return
      }
      // What can't be written beside it must not keep it from its end.
      options.log('swap end', error)
      quietly(() => journal.save(view))
    }
    last = view
    loaded.ended(view)
    if (view.state === 'done' && !resumed.has(view.id)) quietly(() => durations.learn(view, took))
    publish(view)
  }

  function bootsOf(order: LaunchOrder): Record<string, string> {
    const known = order.service.hosts.map(({ id }) => [id, observed.host(id)?.facts?.boot_id ?? null] as const)
    return Object.fromEntries(known.filter((each): each is readonly [string, string] => each[1] !== null))
  }

  function learnMemory(order: LaunchOrder, log: string) {
    const [head] = order.service.hosts
    const total = head ? (observed.host(head.id)?.facts?.memory_total_bytes ?? null) : null
    const taken = head ? (order.memory[head.id]?.takes ?? null) : null
    if (head && log !== '')
      quietly(() => launches.learn(order.recipe, order.service, head.id, measured(log, taken, total)))
  }

  // What is only learned may be lost while the disk is full.
  function quietly<Done>(act: () => Done): Done | null {
    try {
      return act()
    } catch (error) {
      options.log('learn', error)
      return null
    }
  }

  function onTrouble(error: unknown) {
    if (error !== null && trouble === null) options.log('journal', error)
    trouble = error === null ? null : String((error as Error).message ?? error)
  }

  function publish(view: JobView) {
    hub.publish('swap', view)
  }

  function current(): JobView | null {
    if (!running) return left ?? last
    return last?.id === running.run.view.id && last.ended_at !== null ? last : running.run.view
  }

  function get(id: string): JobView | null {
    const shown = current()
    if (shown?.id === id) return shown
    const found = journal.get(id)
    return found?.kind === 'swap' ? found : null
  }

  return {
    loaded: loaded.now,
    plan: planned,
    start,
    alone(decide) {
      const mine = turn.then(decide)
      turn = mine.catch(() => {})
      return mine
    },
    lastLoaded: loaded.last,
    failures: (recipe, service) => ends.failures(recipe, service),
    current,
    get,
    cancel(id) {
      if (left?.id === id && !finalStates.includes(left.state)) throw closedError()
      const run = running?.run
      if (run?.view.id === id && !finalStates.includes(current()?.state ?? 'done')) run.cancel()
      return get(id)
    },
    trouble: () => trouble,
    resume,
    async close() {
      closed.abort(new Error('let go'))
      running?.run.letGo()
      await running?.done
    },
  }
}

function closedError(): ArbiterClosedError {
  return new ArbiterClosedError('the configuration is being read anew; try again shortly')
}

/** What others are told of a swap. */
function told(view: JobView, hosts: readonly Host[]): Record<string, unknown> {
  const { id: job, service, recipe, previous, by, state, result, created_at, ended_at } = view
  const error = view.error && {
    ...view.error,
    message: anonymous(view.error.message, hosts),
    remedy: anonymous(view.error.remedy, hosts),
  }
  return { job, service, recipe, previous, by, state, result, error, created_at, ended_at }
}

function failedTooOften(recipe: string) {
  return {
    code: 'too_many_failures',
    message: `${recipe} failed to load ${enoughFailures} times in a row within the hour, so it is not tried again by itself`,
    remedy: 'read the log of the last try; restarting that Spark helps where its memory did not come back',
  }
}

function gone({ recipe, service }: JobView) {
  return {
    code: 'declaration_gone',
    message: `${recipe ?? service} is no longer declared`,
    remedy: 'look at what runs, then swap again',
  }
}
