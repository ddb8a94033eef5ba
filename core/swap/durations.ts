import type { JobView } from '../jobs/job'
import type { Store } from '../store/store'

export interface Durations {
  /** Median seconds of the latest five swaps to a recipe on a service, or null. */
  usual(recipe: string, service: string): number | null
  /** The same of each phase; empty where it was never loaded. */
  phases(recipe: string, service: string): Record<string, number>
  /** Learns from a swap that went through undisturbed. @param took seconds by phase */
  learn(swap: JobView, took: Readonly<Record<string, number>>): void
}

const keptMs = 365 * 24 * 3600_000

/** Remembers how long swaps and their phases took; owns the tables `durations` and `phase_durations`. */
export function durations(store: Store, now: () => number = Date.now): Durations {
  return {
    usual(recipe, service) {
      const rows = store
        .query('SELECT seconds FROM durations WHERE recipe = $recipe AND service = $service ORDER BY at DESC LIMIT 5')
        .all({ recipe, service }) as { seconds: number }[]
      return median(rows.map((row) => row.seconds))
    },
    phases(recipe, service) {
      const rows = store
        .query(
          `SELECT phase, seconds FROM phase_durations WHERE recipe = $recipe AND service = $service
          ORDER BY at DESC LIMIT 50`,
        )
        .all({ recipe, service }) as { phase: string; seconds: number }[]
      const names = [...new Set(rows.map(({ phase }) => phase))]
      return Object.fromEntries(
        names.map((name) => {
          const latest = rows.filter(({ phase }) => phase === name).slice(0, 5)
          return [name, median(latest.map(({ seconds }) => seconds)) ?? 0]
        }),
      )
    },
    learn({ recipe, service }, took) {
      if (recipe === null || service === null) return
      const at = now()
      const whole = Object.values(took).reduce((sum, each) => sum + each, 0)
      for (const table of ['durations', 'phase_durations'])
        store.query(`DELETE FROM ${table} WHERE at < $old`).run({ old: at - keptMs })
      store
        .query('INSERT INTO durations (recipe, service, seconds, at) VALUES ($recipe, $service, $seconds, $at)')
        .run({ recipe, service, seconds: whole, at })
      const insert = store.query(
        `INSERT INTO phase_durations (recipe, service, phase, seconds, at)
        VALUES ($recipe, $service, $phase, $seconds, $at)`,
      )
      for (const [phase, seconds] of Object.entries(took)) insert.run({ recipe, service, phase, seconds, at })
    },
  }
}

function median(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
