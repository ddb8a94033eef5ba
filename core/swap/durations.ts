import type { Store } from '../store/store'

export interface Durations {
  /** Median seconds of the latest five swaps to a recipe on a service, or null. */
  usual(recipe: string, service: string): number | null
  learn(recipe: string, service: string, seconds: number): void
}

/** Remembers how long swaps took; owns the table `durations`. */
export function durations(store: Store, now: () => number = Date.now): Durations {
  return {
    usual(recipe, service) {
      const rows = store
        .query('SELECT seconds FROM durations WHERE recipe = $recipe AND service = $service ORDER BY at DESC LIMIT 5')
        .all({ recipe, service }) as { seconds: number }[]
      const sorted = rows.map((row) => row.seconds).sort((a, b) => a - b)
      return sorted[Math.floor(sorted.length / 2)] ?? null
    },
    learn(recipe, service, seconds) {
      store
        .query('INSERT INTO durations (recipe, service, seconds, at) VALUES ($recipe, $service, $seconds, $at)')
        .run({ recipe, service, seconds, at: now() })
    },
  }
}
