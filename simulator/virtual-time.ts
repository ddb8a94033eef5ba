/** Time that passes only when everything has been thought through. */
export interface VirtualTime {
  /** ms since the world began. */
  readonly now: number
  /** Calls `act` in `ms`; returns the way to call it off. */
  after(ms: number, act: () => void): () => void
  sleep(ms: number): Promise<void>
  /** Lets time pass up to `until`, or as long as `goOn` says. */
  run(until: number, goOn: () => boolean): Promise<void>
}

interface Due {
  at: number
  order: number
  act: (() => void) | null
}

/** One row of what is due, in order of time and then of asking. */
export function virtualTime(): VirtualTime {
  const heap: Due[] = []
  let now = 0
  let asked = 0

  function after(ms: number, act: () => void): () => void {
    const due: Due = { at: now + Math.max(0, ms), order: asked++, act }
    push(heap, due)
    return () => {
      due.act = null
    }
  }

  async function run(until: number, goOn: () => boolean): Promise<void> {
    await drained()
    for (let due = heap[0]; due && due.at <= until && goOn(); due = heap[0]) {
      pop(heap)
      if (!due.act) continue
      now = due.at
      due.act()
      await drained()
    }
  }

  return {
    get now() {
      return now
    },
    after,
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    run,
  }
}

/** Resolves when no promise has anything left to do: nothing inside waits for the real world. */
function drained(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

function before(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Due[], due: Due) {
  let at = heap.push(due) - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    if (!before(due, heap[above] as Due)) break
    heap[at] = heap[above] as Due
    at = above
  }
  heap[at] = due
}

function pop(heap: Due[]) {
  const last = heap.pop()
  if (!last || heap.length === 0) return
  let at = 0
  for (;;) {
    let below = 2 * at + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && before(heap[below + 1] as Due, heap[below] as Due)) below++
    if (!before(heap[below] as Due, last)) break
    heap[at] = heap[below] as Due
    at = below
  }
  heap[at] = last
}
