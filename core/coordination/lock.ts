import { type Clock, systemClock } from '../clock'
import type { LockView } from '../cluster/snapshot'
import type { Hub } from '../events/hub'
import type { Note } from '../history/event'
import type { Store } from '../store/store'
import { type Held, heldRow } from './held'
import { hashOf, isTokenOf, newToken } from './token'

/** Somebody else holds the lock. */
export class LockedError extends Error {
  override name = 'LockedError'
  constructor(readonly lock: LockView) {
    super(`swaps are locked by ${lock.holder} until ${lock.expires_at}`)
  }
}

/** Who alone may swap for a while; one a cluster. */
export interface Lock {
  view(): LockView
  /** Whether whoever shows this token may swap now; everybody may while nobody holds it. */
  admits(token: string | null): boolean
  /** @throws {LockedError} when it is held */
  take(request: { holder: string; reason: string; ttlS: number }): { token: string; view: LockView }
  /** Counts its time anew, for as long as before unless told; null: that token does not hold it. */
  renew(token: string | null, ttlS?: number): LockView | null
  /** False: that token does not hold it. */
  release(token: string | null): boolean
  /** Releases it whoever holds it; what was held, or null. */
  forceRelease(): LockView | null
  /** Seconds until it ends; null while nobody holds it. */
  remainingS(): number | null
  close(): void
}

export interface LockOptions {
  store: Store
  hub: Hub
  /** Records what was done with it. */
  note(entry: Note): void
  clock?: Clock
  randomToken?: () => string
  /** Names this run of the program: what the rising clock said in another means nothing here. */
  run?: string
}

const thisRun = crypto.randomUUID()
const free: LockView = { holder: null, reason: null, expires_at: null }
const lookEveryMs = 1000
// A wall clock that differs by less was set by nobody.
const driftMs = 1000

/** The lock as the store holds it, so that a restart, or the two runtimes of a reload, see the same one. */
export function lock(options: LockOptions): Lock {
  const { store, hub, note, clock = systemClock, randomToken = newToken, run = thisRun } = options
  const row = heldRow(store)
  let shown = free
  let callOff = () => {}
  let closed = false

  /** The time alone decides whether it is held, even where the disk lets no row be removed. */
  function held(): Held | null {
    const kept = row.read()
    if (!kept || remainingMs(kept) <= 0) return null
    return kept
  }

  function remainingMs({ run: of, ends, expires_at, ttl_s }: Held): number {
    if (of === run) return ends - clock.rising()
    // While this program was away the wall clock alone went on; set back, it would make the lock longer than it ever was.
    return Math.min(expires_at - clock.now(), ttl_s * 1000)
  }

  function viewOf(kept: Held | null): LockView {
    if (!kept) return free
    const { holder, reason } = kept
    return { holder, reason, expires_at: new Date(wallEnd(kept)).toISOString() }
  }

  /** As it was told, unless somebody set the wall clock. */
  function wallEnd(kept: Held): number {
    const end = Math.round(clock.now() + remainingMs(kept))
    return Math.abs(end - kept.expires_at) > driftMs ? end : kept.expires_at
  }

  /** Ends what time has ended, corrects the kept wall time, tells what changed; what is held now. */
  function settle(): Held | null {
    const kept = row.read()
    if (kept) keep(kept, remainingMs(kept))
    tell()
    if (row.read()) lookAgain()
    return held()
  }

  function keep(kept: Held, left: number) {
    try {
      if (left <= 0) remove(kept, { type: 'notice', text: `the swap lock of ${kept.holder} ended with its time` })
      else if (kept.run !== run || wallEnd(kept) !== kept.expires_at)
        row.save({ ...kept, expires_at: wallEnd(kept), run, ends: clock.rising() + left })
    } catch {
      // A full disk: nothing is lost by it, and the next look tries again.
    }
  }

  function lookAgain() {
    callOff()
    if (closed) return
    const left = (remainingS() ?? 0) * 1000
    callOff = clock.after(left > 0 ? Math.min(left, lookEveryMs) : lookEveryMs, look)
  }

  function look() {
    try {
      settle()
    } catch {
      callOff = clock.after(lookEveryMs, look)
    }
  }

  function remainingS(): number | null {
    const kept = held()
    return kept && remainingMs(kept) / 1000
  }

  function tell() {
    const view = viewOf(held())
    if (Bun.deepEquals(view, shown)) return
    shown = view
    hub.publish('lock', view)
  }

  function remove(kept: Held, entry: Note) {
    store.transaction(() => {
      if (row.remove(kept)) note(entry)
    })()
  }

  const heldBy = (token: string | null) => {
    const kept = settle()
    return kept && isTokenOf(kept.token_hash, token) ? kept : null
  }

  shown = viewOf(held())
  settle()

  return {
    view: () => viewOf(settle()),
    admits(token) {
      const kept = settle()
      return !kept || isTokenOf(kept.token_hash, token)
    },
    take({ holder, reason, ttlS }) {
      const other = settle()
      if (other) throw new LockedError(viewOf(other))
      const token = randomToken()
      const kept = { holder, reason, token_hash: hashOf(token), ttl_s: ttlS, run, ...endsIn(ttlS) }
      const view = viewOf(kept)
      store.transaction(() => {
        row.save(kept)
        note({ type: 'action', text: `${holder} locked swaps until ${view.expires_at}: ${reason}` })
      })()
      settle()
      return { token, view }
    },
    renew(token, ttlS) {
      const kept = heldBy(token)
      if (!kept) return null
      const ttl = ttlS ?? kept.ttl_s
      row.save({ ...kept, ttl_s: ttl, ...endsIn(ttl) })
      return viewOf(settle())
    },
    release(token) {
      const kept = heldBy(token)
      if (!kept) return false
      remove(kept, { type: 'action', text: `${kept.holder} released the swap lock` })
      settle()
      return true
    },
    forceRelease() {
      const kept = settle()
      if (!kept) return null
      const before = viewOf(kept)
      remove(kept, { type: 'action', text: `the swap lock of ${kept.holder} was released by force` })
      settle()
      return before
    },
    remainingS,
    close() {
      closed = true
      callOff()
    },
  }

  function endsIn(ttlS: number) {
    return { expires_at: Math.round(clock.now() + ttlS * 1000), ends: clock.rising() + ttlS * 1000 }
  }
}
