import { backUp } from './backup'
import type { Store } from './store'

export interface Backups {
  /** Makes one now; never throws. While a swap runs it waits for that to end: its backup would take up again what is long past. */
  make(): void
  /** Makes a last one. */
  close(): void
}

export interface BackupsOptions {
  everyMs?: number
  onError(error: unknown): void
}

const hourMs = 3600_000

/** Keeps two copies of what decides anything beside the database, one an hour; call `make` when a swap has ended. */
export function backups(store: Store, { everyMs = hourMs, onError }: BackupsOptions): Backups {
  const timer = setInterval(make, everyMs)
  timer.unref()

  function make() {
    try {
      const running = store.query("SELECT 1 FROM jobs WHERE kind = 'swap' AND final = 0 LIMIT 1").get() !== null
      if (!running) backUp(store)
    } catch (error) {
      onError(error)
    }
  }

  return {
    make,
    close() {
      clearInterval(timer)
      make()
    },
  }
}
