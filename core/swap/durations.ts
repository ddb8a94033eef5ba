import type { JobView } from '../jobs/job'
import type { Store } from '../store/store'

export interface Durations {
  /** Median seconds of the latest five swaps to a recipe on a service, or null. */
  usual(recipe: string, service: string): number | null
  /** The same of each phase; empty where it was never loaded. */
  phases(recipe: string, service: string): Record<string, number>
  /** Learns from a swap that went through undisturbed. */
  learn(swap: JobView): void
}

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
    learn({ recipe, service, created_at: began, ended_at: end, phases }) {
      if (recipe === null || service === null || end === null) return
      const at = now()
      store
        .query('INSERT INTO durations (recipe, service, seconds, at) VALUES ($recipe, $service, $seconds, $at)')
        .run({ recipe, service, seconds: secondsBetween(began, end), at })
      const insert = store.query(
        `INSERT INTO phase_durations (recipe, service, phase, seconds, at)
        VALUES ($recipe, $service, $phase, $seconds, $at)`,
      )
      for (const { name, state, started_at: from, ended_at: to } of phases) {
        if (state !== 'done' || from === null || to === null) continue
        insert.run({ recipe, service, phase: name, seconds: secondsBetween(from, to), at })
      }
    },
  }
}

function median(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
}
