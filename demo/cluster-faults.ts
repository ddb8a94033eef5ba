import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type FaultSubject,
  type FaultTimes,
  type HostFault,
  type HubFault,
  type RecipeFault,
  type ServiceFault,
  timesOf,
} from './faults'
import type { SimulatedHost } from './host'
import type { HubFaults } from './hub-faults'
import type { DemoRecipe } from './recipes'
import type { ServiceFaults } from './service-faults'

/** Makes things go wrong, and says from when until when. Throws on an id that there is not. */
export interface ClusterFaults {
  host(id: string, kind: HostFault, seconds: number): Promise<FaultTimes>
  service(id: string, kind: ServiceFault, seconds: number): Promise<FaultTimes>
  /** Holds until `clear`. */
  recipe(id: string, kind: RecipeFault): Promise<{ from: number; until: null }>
  /** For one repo, or for all; `incomplete` and `truncate` befall one file. */
  hub(kind: HubFault, repo: string | null, seconds: number): FaultTimes
  clear(): Promise<void>
  has(subject: Exclude<FaultSubject, 'hub'>, id: string): boolean
}

/** The faults of a whole cluster, by id; those of a recipe are files that its server reads when it starts. */
export function clusterFaults(
  directory: string,
  hosts: SimulatedHost[],
  services: ServiceFaults[],
  recipes: DemoRecipe[],
  hub: HubFaults,
): ClusterFaults {
  const models = join(directory, 'faults/models')
  const known = { hosts, services, recipes }
  reset()

  function reset() {
    rmSync(models, { recursive: true, force: true })
    mkdirSync(models, { recursive: true })
  }

  return {
    host: async (id, kind, seconds) => named(hosts, id).inject(kind, seconds),
    service: async (id, kind, seconds) => named(services, id).inject(kind, seconds),
    async recipe(id, kind) {
      const { repo } = named(recipes, id)
      writeFileSync(join(models, `${repo.replaceAll('/', '--')}.json`), JSON.stringify({ kind }))
      return { from: Date.now(), until: null }
    },
    hub(kind, repo, seconds) {
      hub.inject(kind, repo, seconds)
      return timesOf(seconds)
    },
    async clear() {
      reset()
      hub.clear()
      await Promise.all(hosts.map((host) => host.clear()))
      await Promise.all(services.map((service) => service.clear()))
    },
    has: (subject, id) => known[subject].some((one) => one.id === id),
  }
}

function named<One extends { id: string }>(all: One[], id: string): One {
  const found = all.find((one) => one.id === id)
  if (!found) throw new Error(`${id}: not there; there are ${all.map((one) => one.id).join(', ')}`)
  return found
}
