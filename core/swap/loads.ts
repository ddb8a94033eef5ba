import type { SwapCause } from '../jobs/job'
import type { LaunchOrder } from '../launchers/launcher'
import type { Store } from '../store/store'

/** What the arbiter left in a service: what should run there until somebody changes it. */
export interface Load {
  service: string
  recipe: string
  /** The swap that loaded it. */
  job: string
  by: SwapCause
  /** Exactly what was launched; the service is told by its id. */
  order: Omit<LaunchOrder, 'service'>
  /** Boot id of each host of the launch when it was loaded, where it was known. */
  boots: Record<string, string>
  /** ms since the epoch. */
  at: number
}

export interface Loads {
  of(service: string): Load | null
  all(): Load[]
  set(load: Load): void
  /** Nothing is to run there. */
  clear(service: string): void
}

/** Owns the table `loads`. */
export function loads(store: Store): Loads {
  const read = (row: unknown): Load => {
    const { view } = row as { view: string }
    return JSON.parse(view) as Load
  }

  return {
    of(service) {
      const row = store.query('SELECT view FROM loads WHERE service = $service').get({ service })
      return row ? read(row) : null
    },
    all: () => store.query('SELECT view FROM loads ORDER BY service').all().map(read),
    set(load) {
      store
        .query('INSERT OR REPLACE INTO loads (service, view) VALUES ($service, $view)')
        .run({ service: load.service, view: JSON.stringify(load) })
    },
    clear(service) {
      store.query('DELETE FROM loads WHERE service = $service').run({ service })
    },
  }
}
