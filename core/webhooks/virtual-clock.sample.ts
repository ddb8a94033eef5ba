import type { Clock } from '../clock'

export interface VirtualClock extends Clock {
  /** Lets time go by; before each step what was begun comes to rest. */
  pass(ms: number): Promise<void>
  /** People set the wall clock. */
  jump(ms: number): void
}

/** A clock that stands still until it is told to go on. */
export function virtualClock(rest: () => Promise<void>): VirtualClock {
  const timers = new Map<number, { at: number; act: () => void }>()
  let rising = 0
  let wall = Date.parse('2026-01-31T12:00:00Z')
  let count = 0

  const soonest = () => [...timers].sort(([a, one], [b, two]) => one.at - two.at || a - b)[0]

  function goTo(at: number) {
    wall += at - rising
    rising = at
  }

  return {
    now: () => wall,
    rising: () => rising,
    after(ms, act) {
      const id = count++
      timers.set(id, { at: rising + ms, act })
      return () => timers.delete(id)
    },
    async pass(ms) {
      const end = rising + ms
      await rest()
      for (let next = soonest(); next && next[1].at <= end; next = soonest()) {
        timers.delete(next[0])
        goTo(Math.max(rising, next[1].at))
        next[1].act()
        await rest()
      }
      goTo(end)
    },
    jump(ms) {
      wall += ms
    },
  }
}
