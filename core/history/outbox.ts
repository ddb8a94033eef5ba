/** Things on their way to the disk, in order. */
export interface Outbox<T> {
  put(item: T): void
  /** Tries what waits again. */
  retry(): void
  /** What the disk has not taken yet, oldest first. */
  waiting(): readonly T[]
}

export interface OutboxOptions<T> {
  /** Writes one item; throws where it cannot. */
  write(item: T): void
  /** How many may wait; the oldest go first. */
  most: number
  /** One went that was never written. */
  onDrop(): void
  onError(error: unknown): void
  onSuccess(): void
}

/** Writes at once while that works; what fails waits, with all after it, and never throws. */
export function outbox<T>({ write, most, onDrop, onError, onSuccess }: OutboxOptions<T>): Outbox<T> {
  const waiting: T[] = []

  function retry() {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      try {
        write(first)
        onSuccess()
      } catch (error) {
        onError(error)
        // What the table itself refuses will never be written; it must not hold up what comes after it.
        if (!String((error as { code?: unknown }).code).startsWith('SQLITE_CONSTRAINT')) return
      }
      waiting.shift()
    }
  }

  return {
    put(item) {
      waiting.push(item)
      if (waiting.length > most) {
        waiting.shift()
        onDrop()
      }
      retry()
    },
    retry,
    waiting: () => waiting,
  }
}
