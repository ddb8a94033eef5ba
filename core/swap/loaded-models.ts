import type { Service } from '../config/cluster'
import type { JobView } from '../jobs/job'
import type { Journal } from '../jobs/journal'
import type { LaunchOrder } from '../launchers/launcher'
import type { Recipe } from '../models/recipe'
import type { Loads } from './loads'
import type { SwapSight } from './steps/step'

export interface LoadedModel {
  service: string
  recipe: Recipe | null
  repo: string
  since: string
}

export interface LoadedModels {
  /** What each service serves, as it is seen. */
  now(): LoadedModel[]
  /** What runs in a service by all that is known, so that it can be ended. */
  runs(service: Service): Recipe | null
  /** How a recipe was launched there, where it was launched from here. */
  launched(service: Service, recipe: Recipe): LaunchOrder | null
  /** Id of the recipe that was loaded last. */
  last(service: string): string | null
  /** A swap has ended. */
  ended(view: JobView): void
}

export interface LoadedModelsOptions {
  services: Service[]
  recipes: () => Recipe[]
  observed: Pick<SwapSight, 'serves'>
  loads: Loads
  journal: Pick<Journal, 'list'>
}

/** Brings together what the engines say and what was launched. */
export function loadedModels({ services, recipes, observed, loads, journal }: LoadedModelsOptions): LoadedModels {
  const lastDone = new Map<string | null, string | null>()
  for (const view of journal.list({ kind: 'swap', limit: 200 }).reverse()) ended(view)

  // Several recipes may launch the same weights: the one that was launched is meant.
  function recipeOf(served: { id: string; root: string }, service: Service): Recipe | null {
    const fitting = recipes().filter((each) => each.repo === served.root || each.repo === served.id)
    return fitting.find((each) => each.id === loads.of(service.id)?.recipe) ?? fitting[0] ?? null
  }

  function now(): LoadedModel[] {
    return services.flatMap((service) => {
      const served = observed.serves(service.id)?.[0]
      if (!served) return []
      const recipe = recipeOf(served, service)
      // What is mounted by path serves that path; people know it by its repo.
      return [{ service: service.id, recipe, repo: recipe?.repo ?? served.root, since: served.since }]
    })
  }

  function runs(service: Service): Recipe | null {
    const seen = now().find((each) => each.service === service.id)?.recipe ?? null
    const load = loads.of(service.id)
    if (load && (seen === null || seen.id === load.recipe)) return load.order.recipe
    return seen?.trusted ? seen : null
  }

  return {
    now,
    runs,
    launched(service, recipe) {
      const load = loads.of(service.id)
      return load?.recipe === recipe.id ? { ...load.order, service } : null
    },
    last: (service) => loads.of(service)?.recipe ?? lastDone.get(service) ?? null,
    ended,
  }

  function ended({ state, service, recipe }: JobView) {
    if (state === 'done') lastDone.set(service, recipe)
  }
}
