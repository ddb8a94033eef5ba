import type { LiveHost } from '../cluster/hosts'
import type { Observed } from '../cluster/observed'
import type { Cluster } from '../config/cluster'
import type { Hub } from '../events/hub'
import type { Store } from '../store/store'
import { type Catalogue, catalogue } from './catalogue'
import { type Inventory, inventory } from './disk/inventory'
import { type Launches, launches } from './memory/launches'
import type { Recipe } from './recipe'
import { type Reckoning, reckoning } from './reckoning'

export interface StockOptions {
  cluster: Cluster
  /** Those beside the configuration, or the shipped ones. */
  recipes: Recipe[]
  dataDirectory: string
  store: Store
  hosts: Map<string, LiveHost>
  observed: Observed
  hub: Hub
  signal: AbortSignal
  /** Bytes that what was launched into a service takes of a host; null where that is not known. */
  taken(service: string, host: string): number | null
}

/** All that is known of models before anything is done with them. */
export interface Stock {
  disks: Inventory
  catalogue: Catalogue
  launches: Launches
  reckoning: Reckoning
}

/** Begins to look at the disks and to gather recipes, until aborted. */
export function stock(options: StockOptions): Stock {
  const { cluster, recipes, dataDirectory, store, hosts, observed, hub, signal, taken } = options
  const disks = inventory({ hosts, signal, onChange: () => hub.publish('models', null) })
  const took = launches(store)
  return {
    disks,
    launches: took,
    catalogue: catalogue({
      shippedRecipes: recipes,
      dataDirectory,
      store,
      sources: cluster.recipeSources,
      hosts,
      names: cluster,
      signal,
      onChange: () => hub.publish('recipes', null),
    }),
    reckoning: reckoning({ services: cluster.services, observed, disks, launches: took, taken }),
  }
}
