export interface Event {
  /** Rises, also over restarts of the controller. */
  id: number
  /** `host`, `service`, `models`, `swap`, `job`. */
  type: string
  data: unknown
}

export interface Hub {
  publish(type: string, data: unknown): void
  /** Calls `listener` for every event from now on; returns the way to stop. */
  subscribe(listener: (event: Event) => void): () => void
  /** Everything after `id`, or null when that is no longer (or not yet) known here. */
  since(id: number): Event[] | null
  readonly lastId: number
}

/** Hands changes of the cluster to whoever listens; keeps the newest few for those who come back. */
export function hub({ keep = 500, firstId = Date.now() * 1000, onError = (_: unknown) => {} } = {}): Hub {
  const recent: Event[] = []
  const listeners = new Set<(event: Event) => void>()
  const start = firstId
  let lastId = firstId

  function publish(type: string, data: unknown) {
    const event = { id: ++lastId, type, data }
    recent.push(event)
    if (recent.length > keep) recent.shift()
    for (const listener of [...listeners]) {
      try {
        listener(event)
      } catch (error) {
        // A page that cannot be drawn must not fail the swap that it shows.
        onError(error)
      }
    }
  }

  function since(id: number) {
    const oldest = recent[0]?.id ?? start + 1
    if (id < oldest - 1 || id > lastId) return null
    return recent.filter((event) => event.id > id)
  }

  return {
    publish,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    since,
    get lastId() {
      return lastId
    },
  }
}
