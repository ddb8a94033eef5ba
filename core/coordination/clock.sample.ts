import type { Clock } from '../clock'

/** Clocks that stand until they are moved. */
export interface SettableClock extends Clock {
  /** Both go on, and what waited for it is called at its moment. */
  pass(ms: number): void
  /** Somebody sets the wall clock. */
  set(ms: number): void
  /** The program is gone, with all that waited, and its rising clock begins anew after that many ms. */
  kill(awayMs: number): void
}

/** A clock for tests. */
export function settableClock(): SettableClock {
  let wall = Date.UTC(2026, 0, 31, 12)
  let rising = 5000
  let waiting: { at: number; act: () => void }[] = []

  const forward = (ms: number) => {
    wall += ms
    rising += ms
  }

  return {
    now: () => wall,
    rising: () => rising,
    after(ms, act) {
      const one = { at: rising + ms, act }
      waiting.push(one)
      return () => {
        waiting = waiting.filter((each) => each !== one)
      }
    },
    pass(ms) {
      const until = rising + ms
      for (;;) {
        const [first] = waiting.toSorted((a, b) => a.at - b.at)
        if (!first || first.at > until) break
        waiting = waiting.filter((each) => each !== first)
        forward(first.at - rising)
        first.act()
      }
      forward(until - rising)
    },
    set(ms) {
      wall += ms
    },
    kill(awayMs) {
      waiting = []
      wall += awayMs
      rising = 77
    },
  }
}
