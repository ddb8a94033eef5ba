import type { StateChange } from './event'

export interface ThinnedOptions {
  write(change: StateChange): void
  /** Whether a subject changes so often that not all can be kept. */
  unsteady(subject: string, at: number): boolean
  everyMs?: number
}

export interface Thinned {
  put(change: StateChange): void
  /** What waits for its second to be over. */
  waiting(): StateChange[]
  /** Writes what waits. */
  flush(): void
}

interface Subject {
  /** As it was written last. */
  state: string
  /** Until then the newest change waits, ms since the epoch. */
  until: number
  held: StateChange | null
}

/** Passes changes on at once, but in a storm of changes one a second at most: the newest, and none that led back. */
export function thinned({ write, unsteady, everyMs = 1000 }: ThinnedOptions): Thinned {
  const subjects = new Map<string, Subject>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function put(change: StateChange) {
    const { subject, at, to } = change
    const last = subjects.get(subject)
    const waits = last && unsteady(subject, at)
    if (last && (!waits || at >= last.until)) drain(last)
    if (!waits || at >= last.until) {
      subjects.set(subject, { state: to, until: at + everyMs, held: null })
      return write(change)
    }
    last.held = to === last.state ? null : { ...change, from: last.state }
    timer ??= setTimeout(flush, everyMs)
    timer.unref()
  }

  function drain(one: Subject) {
    const { held } = one
    if (!held) return
    // The second after the one in which it came has its one entry with it.
    Object.assign(one, { state: held.to, until: one.until + everyMs, held: null })
    write(held)
  }

  function flush() {
    clearTimeout(timer)
    timer = undefined
    for (const one of subjects.values()) drain(one)
  }

  return {
    put,
    waiting: () => [...subjects.values()].flatMap(({ held }) => (held ? [held] : [])),
    flush,
  }
}
