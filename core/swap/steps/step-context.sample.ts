import type { Clock } from '../../clock'
import { asker } from '../../cluster/probe'
import type { StepContext } from './step'

/** Means of a step for tests; `part` says what matters to the test. */
export function stepContext(part: Partial<StepContext> = {}): StepContext {
  const seen = { hosts: () => [], host: () => undefined, service: () => undefined, serves: () => null }
  return {
    job: 'swap-1',
    fence: 1,
    hosts: new Map(),
    observed: { ...seen, gone() {}, loading() {} },
    clock: hurriedClock(),
    ask: asker,
    signal: new AbortController().signal,
    report() {},
    log() {},
    loaded() {},
    ...part,
  }
}

/** A clock on which every wait passes in a moment: its time goes by in waits alone. */
export function hurriedClock(): Clock {
  let now = 0
  return {
    now: () => now,
    rising: () => now,
    after(ms, act) {
      const timer = setTimeout(() => {
        now += ms
        act()
      }, 1)
      return () => clearTimeout(timer)
    },
  }
}
