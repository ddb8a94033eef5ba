/** The two clocks and every wait of what decides; a simulation has its own. */
export interface Clock {
  /** Wall clock, ms since the epoch; people may set it at any time. */
  now(): number
  /** Rises steadily, ms; nobody sets it. */
  rising(): number
  /** Calls `act` once after `ms`; returns the way to call it off. */
  after(ms: number, act: () => void): () => void
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: Date.now,
  rising: () => performance.now(),
  after(ms, act) {
    // A longer wait than a timer holds would end at once.
    const timer = setTimeout(act, Math.min(ms, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
}

/** Sleeps, but no longer than until the abort; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const callOff = clock.after(ms, done)
    function done() {
      callOff()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** A signal that aborts with a TimeoutError after `ms`. */
export function timeout(clock: Clock, ms: number): AbortSignal {
  const controller = new AbortController()
  clock.after(ms, () => controller.abort(new DOMException('it took too long', 'TimeoutError')))
  return controller.signal
}

/** The wall clock as RFC 3339. */
export function stamp(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}
