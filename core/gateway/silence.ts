/** Calls `late` once the other side has been waited for longer than its limit; time in which nobody waits does not count. */
export interface SilenceClock {
  /** From now on, or `inMs` later, something is awaited; said again, the count starts anew. */
  waiting(inMs?: number): void
  heard(): void
  stop(): void
}

interface Watched {
  /** When the wait began; infinite while nothing is awaited. */
  since: number
  ms: number
  late: () => void
}

const sweepMs = 50
// One timer looks at all: a timer for each request or token would cost more than passing it on.
const watched = new Set<Watched>()
let sweeping: ReturnType<typeof setInterval> | null = null

/** Begins to wait for at most `ms`; `onHeard` is told of every sign of life, `onStop` when nobody waits any more. */
export function silenceClock(ms: number, late: () => void, onHeard = () => {}, onStop = () => {}): SilenceClock {
  const entry = { since: performance.now(), ms, late }
  watched.add(entry)
  sweeping ??= setInterval(sweep, sweepMs)
  return {
    waiting(inMs = 0) {
      entry.since = performance.now() + inMs
    },
    heard() {
      entry.since = Number.POSITIVE_INFINITY
      onHeard()
    },
    stop() {
      watched.delete(entry)
      onStop()
    },
  }
}

function sweep() {
  const now = performance.now()
  for (const entry of watched) {
    if (now - entry.since < entry.ms) continue
    watched.delete(entry)
    entry.late()
  }
  if (watched.size > 0 || sweeping === null) return
  clearInterval(sweeping)
  sweeping = null
}
