import type { Recipe } from '../models/recipe'
import type { Store } from '../store/store'

export interface LaunchEnds {
  /** A launch of this recipe has come to its end, good or bad; each counts once. */
  note(launch: string, recipe: Recipe, service: string, ok: boolean): void
  /** How often in a row it has failed within the last hour, as it is written now. */
  failures(recipe: Recipe, service: string): number
}

const hour = 3600_000

/** Counts launches that fail: some thirty of them in a row wedge a GB10 until its power is cut. Owns the table `launch_ends`. */
export function launchEnds(store: Store, now: () => number = Date.now): LaunchEnds {
  return {
    note(launch, { id: recipe, hash }, service, ok) {
      store
        .query(
          `INSERT OR IGNORE INTO launch_ends (launch, service, recipe, hash, ok, at)
          VALUES ($launch, $service, $recipe, $hash, $ok, $at)`,
        )
        .run({ launch, service, recipe, hash, ok: ok ? 1 : 0, at: now() })
      store.query('DELETE FROM launch_ends WHERE at < $old').run({ old: now() - 24 * hour })
    },
    failures({ id: recipe, hash }, service) {
      const rows = store
        .query(
          `SELECT ok FROM launch_ends WHERE service = $service AND recipe = $recipe AND hash = $hash AND at > $since
          ORDER BY id DESC LIMIT 10`,
        )
        .all({ service, recipe, hash, since: now() - hour }) as { ok: number }[]
      const good = rows.findIndex(({ ok }) => ok === 1)
      return good === -1 ? rows.length : good
    },
  }
}

/** So many in a row are enough for what goes by itself: the way back, what apps ask for, a start after a power cut. */
export const enoughFailures = 3
