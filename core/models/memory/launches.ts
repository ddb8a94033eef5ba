import type { Service } from '../../config/cluster'
import type { Store } from '../../store/store'
import type { Recipe } from '../recipe'
import type { MeasuredLaunch } from './fit'

export interface Launches {
  /** What launches of exactly this recipe on this service took, host by host, newest first; a changed recipe begins anew. */
  of(recipe: Recipe, service: Pick<Service, 'id'>): MeasuredLaunch[]
  learn(recipe: Recipe, service: Pick<Service, 'id'>, host: string, took: MeasuredLaunch): void
}

const mostKept = 20

/** Remembers what launches really took; owns the table `launches`. */
export function launches(store: Store, now: () => number = Date.now): Launches {
  const learn = store.transaction((recipe: string, service: string, host: string, took: MeasuredLaunch) => {
    store
      .query(
        `INSERT INTO launches (recipe, service, host, weights_bytes, overhead_bytes, kv_bytes_per_token, at)
        VALUES ($recipe, $service, $host, $weightsBytes, $overheadBytes, $kvBytesPerToken, $at)`,
      )
      .run({ recipe, service, host, ...took, at: now() })
    store
      .query(
        `DELETE FROM launches WHERE recipe = $recipe AND service = $service AND id NOT IN
        (SELECT id FROM launches WHERE recipe = $recipe AND service = $service ORDER BY id DESC LIMIT ${mostKept})`,
      )
      .run({ recipe, service })
  })

  return {
    of(recipe, { id }) {
      return store
        .query(
          `SELECT weights_bytes AS weightsBytes, overhead_bytes AS overheadBytes, kv_bytes_per_token AS kvBytesPerToken
          FROM launches WHERE recipe = $recipe AND service = $service ORDER BY id DESC`,
        )
        .all({ recipe: keyOf(recipe), service: id }) as MeasuredLaunch[]
    },
    learn(recipe, { id }, host, took) {
      const { weightsBytes, overheadBytes, kvBytesPerToken } = took
      if (weightsBytes === null && overheadBytes === null && kvBytesPerToken === null) return
      learn(keyOf(recipe), id, host, { weightsBytes, overheadBytes, kvBytesPerToken })
    },
  }
}

const keyOf = ({ id, hash }: Recipe) => hash || id
