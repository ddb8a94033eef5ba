import type { Service } from '../core/config/cluster'
import type { JobView } from '../core/jobs/job'
import { containerOf } from '../core/launchers/container'
import type { Controller } from './controller'
import type { Engine } from './engine'
import type { World } from './world'

/** What was asked of the controllers and what came of it, kept apart from all that they keep themselves. */
export interface Ledger {
  cancelled(job: string): void
  locked(controller: Controller, token: string, ttlS: number): void
  released(controller: Controller): void
  /** Whether somebody else surely holds its lock. */
  lockedAgainst(controller: Controller, token: string | null): boolean
  /** A view of a job was shown; at its end it must be true of the Sparks. */
  shown(controller: Controller, view: JobView): void
  /** A backup was put back: what it holds unfinished lives again, and its lock is nobody's. */
  restored(controller: Controller): void
  /** Something from outside changed what runs, or what is known. */
  disturbed(): void
  /** How jobs ended, by state. */
  readonly ends: Map<string, number>
}

/** Begins an empty ledger. */
export function ledger(world: World): Ledger {
  const { time, sparks, witness } = world
  const ended = new Map<string, string>()
  const cancels = new Set<string>()
  const locks = new Map<Controller, { token: string; until: number }>()
  const ends = new Map<string, number>()
  let disturbedAt = Number.NEGATIVE_INFINITY

  function shown(controller: Controller, view: JobView) {
    if (view.ended_at === null) return
    const before = ended.get(view.id)
    const end = `${view.state}, ${view.result}`
    if (before === end) return
    ended.set(view.id, end)
    witness.jobEnded(view.id)
    if (view.result === 'unknown') witness.forgotten(view.id)
    ends.set(view.state, (ends.get(view.state) ?? 0) + 1)
    world.trace.add(`${controller.name} ${view.id} ended ${end}${view.error ? `: ${view.error.message}` : ''}`)
    const wrong = wrongWords(view, cancels.has(view.id)) ?? untrue(controller, view)
    if (wrong) witness.breaks(`${view.id} ended ${end}, but ${wrong}`)
  }

  /** What is not true of the Sparks at the end of a job; null where all is, or where nobody could know. */
  function untrue(controller: Controller, view: JobView): string | null {
    const { result } = view
    const order = controller.orderOf(view.id)
    if (!order) return null
    const began = view.phases.some(({ name, state }) => name === 'stop' && state !== 'pending' && state !== 'skipped')
    const slots = [...new Set([order.service, ...order.stops.map(({ service }) => service)])]
    const hosts = slots.flatMap((service) => service.hosts.flatMap(({ id }) => sparks.get(id) ?? []))
    const hidden = hosts.some(({ host, fence }) => !controller.lines.get(host.id)?.up || fence.job !== view.id)
    if (!began || hidden || time.now - disturbedAt < 120_000) return null
    const engine = engineIn(order.service)
    if (result === 'none' && engine) return `${engine.launch} is still there`
    if (result === 'new' && !serves(engine, view.id, order.order?.recipe.repo)) return 'it is not served'
    const missing = order.back.some(({ service }) => {
      const back = engineIn(service)
      return back?.state !== 'serving' || back.launch === view.id
    })
    return result === 'previous' && missing ? 'the previous model does not serve' : null
  }

  function engineIn(service: Service): Engine | undefined {
    const container = containerOf(service)
    const engines = service.hosts.flatMap(({ id }) => sparks.get(id)?.engines() ?? [])
    return engines.find((each) => each.container === container)
  }

  return {
    cancelled: (job) => void cancels.add(job),
    locked: (controller, token, ttlS) => void locks.set(controller, { token, until: time.now + ttlS * 1000 }),
    released: (controller) => void locks.delete(controller),
    lockedAgainst(controller, token) {
      const held = locks.get(controller)
      if (!held || held.token === token) return false
      return time.now < held.until - 1000
    },
    shown,
    restored(controller) {
      locks.delete(controller)
      witness.forgotten()
      const rows = controller.disk.real.query('SELECT id FROM jobs WHERE final = 0').all() as { id: string }[]
      for (const { id } of rows) {
        ended.delete(id)
        witness.jobBegan(id)
      }
    },
    disturbed() {
      disturbedAt = time.now
    },
    ends,
  }
}

function serves(engine: Engine | undefined, launch: string, repo: string | undefined): boolean {
  return engine?.state === 'serving' && engine.launch === launch && engine.serves === repo
}

/** What an end says that cannot be. */
function wrongWords({ state, result, recipe }: JobView, cancelled: boolean): string | null {
  if (result === null || result === undefined)
    return state === 'needs_attention' ? null : 'says nothing of what is loaded'
  if (state === 'done') return result === (recipe === null ? 'none' : 'new') ? null : 'that is not what was asked'
  if (result === 'new') return 'the new model was not to be left there'
  if (state === 'rolled_back' && result !== 'previous') return 'nothing was brought back'
  if (state === 'cancelled' && !cancelled) return 'nobody had cancelled it'
  return null
}
