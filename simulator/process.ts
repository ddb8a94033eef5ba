import type { VirtualTime } from './virtual-time'

/** A process on a simulated Spark: once it has ended, nothing that it waited for comes back. */
export interface Process {
  readonly alive: boolean
  /** Never comes back when it was ended meanwhile. */
  sleep(ms: number): Promise<void>
  /** Comes back when it has ended, by itself or not. */
  readonly ended: Promise<void>
  end(): void
}

/** Begins a process. */
export function process(time: VirtualTime): Process {
  let alive = true
  const over = Promise.withResolvers<void>()
  return {
    get alive() {
      return alive
    },
    sleep: (ms) => new Promise((resolve) => void time.after(ms, () => alive && resolve())),
    ended: over.promise,
    end() {
      alive = false
      over.resolve()
    },
  }
}
