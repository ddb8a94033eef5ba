import { type Lock, LockedError } from '../../coordination/lock'
import type { Hub } from '../../events/hub'
import type { Door } from '../../gateway/door'
import type { JobView } from '../../jobs/job'
import { SwapRunningError } from '../../jobs/journal'
import type { Recipe } from '../../models/recipe'
import { type Arbiter, ArbiterClosedError } from '../arbiter'
import { attempts, impossibleMs } from './attempts'
import { mayEnd } from './may-end'
import { type Asked, type NextDemand, nextDemand, type Verdict } from './next-demand'
import { idleAt, nextIdle } from './next-idle'
import { type SlotsSeenOptions, slotsSeen } from './slots-seen'
import { type DemandView, type Standing, standingOf, type Ticket } from './ticket'

export interface Demand {
  /** Asks for a model that is not loaded. @param token of the lock, where the request shows one */
  join(recipe: Recipe, token: string | null): Ticket
  /** In the order in which they would be loaded. */
  queue(): DemandView[]
  /** When models are unloaded unless somebody uses them, RFC 3339 by service. */
  idle(): Record<string, string>
  /** Begins to decide; before, those who ask only wait. */
  resume(): void
  close(): void
}

export interface DemandOptions extends SlotsSeenOptions {
  hub: Pick<Hub, 'subscribe' | 'publish'>
  door: Door
  lock: Pick<Lock, 'admits' | 'view' | 'remainingS'>
  arbiter: Pick<Arbiter, 'plan' | 'start' | 'current' | 'alone'>
  /** Earlier swaps, the newest first. */
  past: readonly JobView[]
  /** The recipe as it is now; nothing where it is gone. */
  recipe(id: string): Recipe | undefined
  /** Seconds that it usually takes to load a recipe; null where that is not known. */
  usual(recipe: string, service: string): number | null
  /** Why a recipe may not be loaded now for a reason that no plan knows; else null. */
  barred?(recipe: Recipe): string | null
  log(event: string, error: unknown): void
}

interface Entry {
  recipe: Recipe
  since: number
  waiting: Set<Seat>
}

interface Seat {
  token: string | null
  /** Until when it is kept for one who was told to come again, ms of the rising clock; null: somebody waits. */
  until: number | null
}

// The lock's end, a host that is back: what is told by no event is seen by then.
const lookEveryMs = 5000
const idlePauseMs = 60_000
const refusedMs = 1000

/** Loads models that requests name and unloads those that nobody uses, where their recipes say so. */
export function demand(options: DemandOptions): Demand {
  const { clock, hub, door, lock, arbiter, services, usual, barred = () => null, log } = options
  const slots = slotsSeen(options)
  const tried = attempts(clock, options.past)
  const entries = new Map<string, Entry>()
  let verdicts: NextDemand['verdicts'] = new Map()
  let shown = ''
  let idlePausedUntil = 0
  let deciding = false
  let active = false
  let callOff = () => {}
  const unsubscribe = hub.subscribe(({ type, data }) => {
    if (type === 'swap') heardSwap(data as JobView)
    else if (type === 'lock') consider()
    else if (type === 'service' && services.some(({ id }) => id === (data as { id?: string }).id)) consider()
  })

  function heardSwap(view: JobView) {
    if (view.ended_at === null) return
    tried.heard(view)
    if (view.state === 'done' && view.recipe !== null) clear(view.recipe)
    for (const service of [view.service, ...(view.makes_room ?? []).map((each) => each.service)])
      if (service) slots.ended(service)
    consider()
    door.wake()
  }

  function running(): JobView | null {
    const swap = arbiter.current()
    return swap && swap.ended_at === null ? swap : null
  }

  /** Looks at everything anew: what may be loaded is, who can't have theirs is told, and it is known when to look again. */
  function consider() {
    if (!active) return
    clear()
    const state = { ...stateNow(), swapping: running() !== null }
    const next = nextDemand(state)
    verdicts = next.verdicts
    for (const [id, { kind }] of verdicts) if (kind === 'refuse') clear(id)
    if (deciding) return show()
    callOff()
    const rests = state.swapping || state.locked !== null || state.now < idlePausedUntil
    const idle = rests ? null : nextIdle(state.slots, state.now)
    if (next.start) void begin(next.start.recipe, next.start.services)
    else if (idle !== null) void unload(idle)
    else lookAgain(state)
    show()
  }

  function stateNow() {
    const now = clock.rising()
    const seen = slots.now()
    return { now, slots: seen, locked: lock.view().holder, asked: asked() }
  }

  /** Those that are not loaded, nor being loaded. */
  function asked(): Asked[] {
    const swap = running()
    const coming = swap?.ending === null ? swap.recipe : null
    const there = [coming, ...options.loaded().map(({ recipe }) => recipe?.id)]
    const wanted = [...entries.values()].filter(({ recipe: { id } }) => !there.includes(id))
    return wanted.map(({ recipe: { id }, recipe: before, since, waiting }) => {
      const recipe = options.recipe(id)
      const gone = recipe?.demand.onDemand ? null : `${id} is no longer loaded on demand`
      return {
        recipe: recipe ?? before,
        since,
        waiting: waiting.size,
        admitted: [...waiting].some(({ token }) => lock.admits(token)),
        barred: gone ?? tried.bar(id)?.reason ?? barred(before),
        goingBack: swap?.recipe === id ? swap.ending : null,
        impossible: tried.impossible(id),
      }
    })
  }

  /** Takes away the places that are kept: of one recipe all, else those whose time is over or whose model is there. */
  function clear(recipe?: string) {
    const now = clock.rising()
    const there = recipe === undefined ? options.loaded().map((each) => each.recipe?.id) : [recipe]
    for (const [id, entry] of entries) {
      for (const seat of entry.waiting)
        if (seat.until !== null && (there.includes(id) || (recipe === undefined && seat.until <= now)))
          entry.waiting.delete(seat)
      if (entry.waiting.size === 0) forget(id)
    }
  }

  function forget(id: string) {
    entries.delete(id)
    verdicts.delete(id)
  }

  function lookAgain({ now, slots: seen }: ReturnType<typeof stateNow>) {
    const waits = [...verdicts.values()].flatMap((each) =>
      each.kind === 'wait' && each.from !== null ? [each.from] : [],
    )
    const idles = [...idleAt(seen).values()].map((at) => Math.max(at, idlePausedUntil))
    if (verdicts.size === 0 && idles.length === 0) return
    const soonest = Math.min(...waits, ...idles) - now
    callOff = clock.after(Math.max(50, Math.min(soonest, lookEveryMs)), consider)
  }

  /** Tells who waits when it is settled that it won't be loaded, and the page when the queue has changed. */
  function show() {
    const text = JSON.stringify([[...entries.keys()], [...verdicts].map(([id, { kind }]) => [id, kind])])
    if (text === shown) return
    shown = text
    if ([...verdicts.values()].some(({ kind }) => kind === 'refuse')) door.wake()
    hub.publish('demand', queue())
  }

  async function begin(asked: Recipe, candidates: string[]) {
    await decide(
      async () => {
        const recipe = options.recipe(asked.id)
        if (!recipe?.demand.onDemand) return
        for (const service of services.filter(({ id }) => candidates.includes(id)).toSorted(inOrderOf(candidates))) {
          const { plan, order, stops, back } = await arbiter.plan(recipe, service, mayEndFor(recipe))
          if (!plan.possible || !order) {
            tried.forbid(recipe.id, service.id, plan.reason ?? `${recipe.id} can't be loaded into ${service.id} now`)
            continue
          }
          // A plan takes a while: who asked may have gone, and what runs there may be another model.
          const again = nextDemand({ ...stateNow(), swapping: false }).start
          if (again?.recipe.id !== recipe.id || !again.services.includes(service.id)) return
          const waiting = [...(entries.get(recipe.id)?.waiting ?? [])]
          const token = waiting.find((each) => lock.admits(each.token))?.token ?? null
          arbiter.start({ service, order, stops, back, usual: plan.eta_s, by: 'demand' }, { token })
          return
        }
      },
      (reason) => {
        for (const service of candidates) tried.forbid(asked.id, service, reason)
      },
    )
  }

  async function unload(id: string) {
    idlePausedUntil = clock.rising() + idlePauseMs
    await decide(async () => {
      const service = services.find((each) => each.id === id)
      if (!service) return
      const { plan, order, stops, back } = await arbiter.plan(null, service)
      const used = entries.size > 0 || nextIdle(slots.now(), clock.rising()) !== id
      if (!plan.possible || used || lock.view().holder !== null) return
      arbiter.start({ service, order, stops, back, usual: plan.eta_s, by: 'idle' })
      idlePausedUntil = 0
    })
  }

  async function decide(act: () => Promise<void>, failed: (reason: string) => void = () => {}) {
    let pauseMs = 1
    deciding = true
    try {
      await arbiter.alone(async () => {
        if (active && !running()) await act()
      })
    } catch (error) {
      pauseMs = refusedMs
      if (!(error instanceof LockedError || error instanceof SwapRunningError || error instanceof ArbiterClosedError)) {
        log('demand', error)
        failed('its load could not be begun; the log of this controller says more')
      }
    } finally {
      deciding = false
    }
    if (active) callOff = clock.after(pauseMs, consider)
  }

  function mayEndFor(recipe: Recipe) {
    return ({ service }: { service: string }) => {
      const slot = slots.now().find((each) => each.service === service)
      return slot !== undefined && mayEnd(recipe, slot).from <= clock.rising()
    }
  }

  function join(recipe: Recipe, token: string | null): Ticket {
    const entry = entries.get(recipe.id) ?? { recipe, since: clock.rising(), waiting: new Set() }
    const mine: Seat = { token, until: null }
    entries.set(recipe.id, entry)
    entry.waiting.add(mine)
    release(entry, token)
    consider()
    return {
      standing: () => standing(recipe),
      leave(keepMs = 0) {
        if (!entry.waiting.delete(mine)) return
        if (keepMs > 0) {
          release(entry, token)
          entry.waiting.add({ token, until: clock.rising() + keepMs })
        }
        if (entry.waiting.size > 0 || entries.get(recipe.id) !== entry) return
        forget(recipe.id)
        show()
      },
    }
  }

  /** One place is kept for all that show the same token, so that whoever asks again and again has but one. */
  function release({ waiting }: Entry, token: string | null) {
    for (const seat of waiting) if (seat.until !== null && seat.token === token) waiting.delete(seat)
  }

  function standing(recipe: Recipe): Standing {
    const verdict = verdicts.get(recipe.id)
    const now = clock.rising()
    const swap = running()
    const back = swap !== null && swap.ending !== null && swap.recipe === recipe.id
    const into = verdict?.kind === 'start' ? verdict.services[0] : services[0]?.id
    return standingOf({
      verdict,
      place: [...verdicts.keys()].indexOf(recipe.id) + 1 || entries.size,
      untilBarMs: (tried.bar(recipe.id)?.until ?? now + impossibleMs) - now,
      waitS: verdict?.kind === 'wait' ? waitOf(verdict, now) : 0,
      // What has just failed is not tried again at once.
      loadS: back ? null : usual(recipe.id, into ?? ''),
    })
  }

  /** Seconds until it may be tried; null where nothing tells. */
  function waitOf({ from, awaits }: Extract<Verdict, { kind: 'wait' }>, now: number): number | null {
    if (from !== null) return Math.max(0, Math.ceil((from - now) / 1000))
    if (awaits === 'swap') return running()?.eta_s ?? null
    return awaits === 'lock' ? lock.remainingS() : null
  }

  function queue(): DemandView[] {
    const order = [...verdicts.keys()]
    const inOrder = [...entries.values()].toSorted((a, b) => order.indexOf(a.recipe.id) - order.indexOf(b.recipe.id))
    return inOrder.map(({ recipe, since, waiting }) => {
      const { reason } = standing(recipe)
      return { recipe: recipe.id, waiting: waiting.size, since: wall(since), reason }
    })
  }

  function wall(rising: number): string {
    return new Date(clock.now() + rising - clock.rising()).toISOString()
  }

  return {
    join,
    queue,
    idle: () => Object.fromEntries([...idleAt(slots.now())].map(([service, at]) => [service, wall(at)])),
    resume() {
      active = true
      consider()
    },
    close() {
      active = false
      callOff()
      unsubscribe()
    },
  }
}

function inOrderOf(ids: string[]) {
  return (a: { id: string }, b: { id: string }) => ids.indexOf(a.id) - ids.indexOf(b.id)
}
