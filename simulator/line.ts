import type { VirtualTime } from './virtual-time'

/** The way from one controller to one Spark. */
export interface Line {
  readonly up: boolean
  /** Takes it away for so long. */
  cut(ms: number): void
  /** Calls once when it is cut next; returns the way to call it off. */
  onCut(act: () => void): () => void
}

/** A line that is up. @param reachable false while the Spark itself is down */
export function line(time: VirtualTime, reachable: () => boolean): Line {
  const listeners = new Set<() => void>()
  let downUntil = 0
  return {
    get up() {
      return time.now >= downUntil && reachable()
    },
    cut(ms) {
      downUntil = Math.max(downUntil, time.now + ms)
      for (const act of [...listeners]) act()
      listeners.clear()
    },
    onCut(act) {
      listeners.add(act)
      return () => listeners.delete(act)
    },
  }
}
