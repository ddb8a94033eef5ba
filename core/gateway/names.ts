import type { Cluster, Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'

/** Something that can be named in `model`. */
export interface Nameable {
  /** The service that serves it, now or once loaded. */
  service: Service
  /** What the upstream calls it when it is loaded; null while it is not. */
  upstreamName: string | null
  repo: string
  recipe: Recipe | null
  capabilities: string[]
}

export interface NamesState {
  cluster: Cluster
  recipes: readonly Recipe[]
  /** Service id to what it serves now. */
  serving: ReadonlyMap<string, { id: string; root: string; recipe: Recipe | null }>
  /** All that each service lists, where it serves more than one or none is named for it. */
  listed: ReadonlyMap<string, readonly { id: string; root: string }[]>
  /** The services that models can be swapped into; the first is the default. */
  swappable: readonly Service[]
}

/** Everything that can be named in `model`: what fixed services serve, what is loaded, what others list, and every recipe. */
export function nameables({ cluster, recipes, serving, listed, swappable }: NamesState): Nameable[] {
  const served = cluster.services.filter((service) => !service.disabled)
  const fixed = served.filter((service) => service.model !== null)
  const open = served.filter((service) => service.model === null && !swappable.some(({ id }) => id === service.id))
  const home = swappable[0]
  return [
    ...fixed.map((service) => ({
      service,
      upstreamName: serving.has(service.id) ? service.model : null,
      repo: service.model ?? '',
      recipe: null,
      capabilities: service.offers,
    })),
    ...swappable.flatMap((service) => {
      const now = serving.get(service.id)
      if (!now) return []
      return [
        {
          service,
          upstreamName: now.id,
          repo: now.root,
          recipe: now.recipe,
          capabilities: now.recipe?.capabilities ?? ['chat'],
        },
      ]
    }),
    ...open.flatMap((service) =>
      (listed.get(service.id) ?? []).map(({ id, root }) => ({
        service,
        upstreamName: id,
        repo: root,
        recipe: null,
        capabilities: service.offers.length > 0 ? service.offers : likely(root),
      })),
    ),
    ...(home ? recipes.filter((recipe) => !isLoaded(recipe, serving)).map((recipe) => entry(home, recipe)) : []),
  ]
}

/** What a model that nobody described is for, told by its name: an embedder that is taken for a chat model fails every caller. */
function likely(root: string): string[] {
  if (/rerank/i.test(root)) return ['rerank']
  return /embed|\bbge-|\be5-|\bgte-|minilm/i.test(root) ? ['embed'] : ['chat']
}

/** Finds what a name means: recipe id, then alias, then repo, then capability; among equals what is loaded comes first. */
export function resolveModel(name: string, state: NamesState, depth = 0): Nameable | null {
  const all = nameables(state)
  const loadedFirst = (fits: (each: Nameable) => boolean) => {
    const found = all.filter(fits)
    return found.find((each) => each.upstreamName !== null) ?? found[0] ?? null
  }
  const byRecipe = loadedFirst((each) => each.recipe?.id === name)
  if (byRecipe) return byRecipe
  const target = Object.hasOwn(state.cluster.aliases, name) ? state.cluster.aliases[name] : undefined
  if (target !== undefined && depth === 0) return resolveModel(target, state, 1)
  const byRepo = loadedFirst((each) => each.repo === name || each.upstreamName === name)
  if (byRepo) return byRepo
  // A capability never makes a model load by itself: it means what serves it now.
  return (
    all.find((each) => each.upstreamName !== null && each.capabilities.includes(name)) ??
    loadedFirst((each) => each.capabilities.includes(name))
  )
}

function isLoaded(recipe: Recipe, serving: NamesState['serving']): boolean {
  return [...serving.values()].some((now) => now.recipe?.id === recipe.id)
}

function entry(service: Service, recipe: Recipe): Nameable {
  return { service, upstreamName: null, repo: recipe.repo, recipe, capabilities: recipe.capabilities }
}
