import type { Clock } from '../clock'
import type { WebhookTarget } from '../config/cluster'
import type { Deliveries } from './deliveries'
import { waits } from './waits'

export interface LaneOptions {
  target: WebhookTarget
  deliveries: Pick<Deliveries, 'pending'>
  clock: Clock
  signal: AbortSignal
  /** Nothing may be sent to it now. */
  blocked(): boolean
  /** Sends one and records what became of it; tells how long to wait before it is sent again, ms, or null: no more. */
  attempt(id: number): Promise<number | null>
  onError(error: unknown): void
}

/** What goes to one target, one message at a time; no other target ever waits for it. */
export interface Lane {
  /** Looks at what there is to send. @param id its plan is made anew */
  wake(id?: number): void
}

const hour = 3600_000
// A secret may be set at any time, and a disk that failed may take something again.
const lookAgainMs = 10_000

/** Begins to send what is due to a target, until the abort. */
export function lane({ target, deliveries, clock, signal, blocked, attempt, onError }: LaneOptions): Lane {
  /** When each is due, on the rising clock: a wall clock that is set neither hurries nor delays a message. */
  const plan = new Map<number, number>()
  let stale = true
  let ring = () => {}
  signal.addEventListener('abort', () => ring(), { once: true })
  run()

  async function run() {
    while (!signal.aborted) {
      try {
        await step()
      } catch (error) {
        if (signal.aborted) return
        onError(error)
        stale = true
        await idle(lookAgainMs)
      }
    }
  }

  async function step() {
    if (stale) load()
    const next = soonest()
    if (!next) return idle(null)
    if (blocked()) return idle(lookAgainMs)
    const wait = next.due - clock.rising()
    if (wait > 0) return idle(wait)
    const again = await attempt(next.id)
    if (again === null) plan.delete(next.id)
    else plan.set(next.id, clock.rising() + again)
  }

  function load() {
    const rows = deliveries.pending(target.url)
    stale = false
    const ids = new Set(rows.map(({ id }) => id))
    for (const id of plan.keys()) if (!ids.has(id)) plan.delete(id)
    for (const { id, tries, due } of rows) {
      if (plan.has(id)) continue
      // By the wall clock it may seem due in a year; it never waits longer than any attempt may.
      const most = Math.max(hour, 1.2 * (waits[tries] ?? 0))
      plan.set(id, clock.rising() + Math.min(Math.max(0, due - clock.now()), most))
    }
  }

  function soonest() {
    let best: { id: number; due: number } | null = null
    const now = clock.rising()
    // Of those that are due the oldest goes first.
    for (const [id, due] of plan) {
      const at = Math.max(due, now)
      if (!best || at < best.due || (at === best.due && id < best.id)) best = { id, due: at }
    }
    return best
  }

  function idle(ms: number | null): Promise<void> {
    if (stale && ms === null) return Promise.resolve()
    return new Promise((resolve) => {
      const callOff = ms === null ? () => {} : clock.after(ms, done)
      ring = done
      function done() {
        callOff()
        ring = () => {}
        resolve()
      }
      if (signal.aborted) done()
    })
  }

  return {
    wake(id) {
      if (id !== undefined) plan.delete(id)
      stale = true
      ring()
    },
  }
}
