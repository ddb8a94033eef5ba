import type { Service } from '../config/cluster'
import { launcherOf } from '../launchers/launchers'
import type { Recipe } from './recipe'

/** A recipe was loaded into a service. */
export interface PastLoad {
  service: string
  recipe: string
  /** ms since the epoch. */
  at: number
}

/**
 * The service that a recipe goes to where nobody names one: of those that can run it where it was last, else one that is
 * empty, else the first. Where none can run it the first is told, since what asks wants to hear why not.
 * @param loaded ids of the services in which a model is loaded
 */
export function homeOf(
  recipe: Recipe,
  swappable: readonly Service[],
  loaded: readonly string[],
  lastLoads: readonly PastLoad[],
): Service | undefined {
  const able = swappable.filter((service) => canRun(recipe, service))
  const past = lastLoads.filter((each) => each.recipe === recipe.id).toSorted((a, b) => b.at - a.at)
  const known = past.flatMap(({ service }) => able.find(({ id }) => id === service) ?? [])
  return known[0] ?? able.find(({ id }) => !loaded.includes(id)) ?? able[0] ?? swappable[0]
}

function canRun(recipe: Recipe, service: Service): boolean {
  if (service.hosts.length < recipe.nodes) return false
  return launcherOf(recipe).refusal({ recipe, service, utilization: null, memory: {}, weights: null }) === null
}
