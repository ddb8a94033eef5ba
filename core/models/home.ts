import type { Service } from '../config/cluster'
import { launcherOf } from '../launchers/launchers'
import type { Recipe } from './recipe'

/**
 * The service that is meant where somebody swaps to a recipe and names none: where it is loaded, else the first that can run
 * it. Where none can the first is told, since what asks wants to hear why not.
 */
export function homeOf(
  recipe: Recipe,
  swappable: readonly Service[],
  loaded: readonly { service: string; recipe: Recipe | null }[],
): Service | undefined {
  const there = loaded.find((each) => each.recipe?.id === recipe.id)?.service
  return (
    swappable.find(({ id }) => id === there) ?? swappable.find((service) => canRun(recipe, service)) ?? swappable[0]
  )
}

function canRun(recipe: Recipe, service: Service): boolean {
  if (service.hosts.length < recipe.nodes) return false
  return launcherOf(recipe).refusal({ recipe, service, utilization: null, memory: {}, weights: null }) === null
}
