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
  /** It is being loaded. */
  coming: boolean
}

/** What a name means. */
export interface Named extends Nameable {
  /** The very model was named, not something that it can do. */
  exact: boolean
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
  /** Services whose model is ending, or has ended. */
  leaving: ReadonlySet<string>
  /** Service id to what is being loaded there. */
  coming: ReadonlyMap<string, Recipe>
}

/** Everything that can be named in `model`: what fixed services serve, what is loaded or coming, what others list, and every recipe. */
export function nameables({ cluster, recipes, serving, listed, swappable, leaving, coming }: NamesState): Nameable[] {
  const served = cluster.services.filter((service) => !service.disabled)
  const fixed = served.filter((service) => service.model !== null)
  const open = served.filter((service) => service.model === null && !swappable.some(({ id }) => id === service.id))
  const home = swappable[0]
  const stays = [...serving].flatMap(([service, now]) => (leaving.has(service) ? [] : [now.recipe?.id]))
  const known = new Set([...stays, ...[...coming.values()].map(({ id }) => id)])
  return [
    ...fixed.map((service) => ({
      service,
      upstreamName: serving.has(service.id) ? service.model : null,
      repo: service.model ?? '',
      recipe: null,
      capabilities: service.offers,
      coming: false,
    })),
    ...swappable.flatMap((service) => {
      const now = serving.get(service.id)
      const leaves = leaving.has(service.id)
      // A recipe that leaves is named among those that are not loaded.
      if (!now || (leaves && now.recipe)) return []
      return [
        {
          service,
          upstreamName: leaves ? null : now.id,
          repo: now.root,
          recipe: now.recipe,
          capabilities: now.recipe?.capabilities ?? ['chat'],
          coming: false,
        },
      ]
    }),
    ...swappable.flatMap((service) => {
      const next = coming.get(service.id)
      return next ? [{ ...entry(service, next), coming: true }] : []
    }),
    ...open.flatMap((service) =>
      (listed.get(service.id) ?? []).map(({ id, root }) => ({
        service,
        upstreamName: id,
        repo: root,
        recipe: null,
        capabilities: service.offers.length > 0 ? service.offers : likely(root),
        coming: false,
      })),
    ),
    ...(home ? recipes.filter((recipe) => !known.has(recipe.id)).map((recipe) => entry(home, recipe)) : []),
  ]
}

/** What a model that nobody described is for, told by its name: an embedder that is taken for a chat model fails every caller. */
function likely(root: string): string[] {
  if (/rerank/i.test(root)) return ['rerank']
  return /embed|\bbge-|\be5-|\bgte-|minilm/i.test(root) ? ['embed'] : ['chat']
}

/**
 * Finds what a name means: `current`, recipe id, then alias, then repo, then capability. Among equals what is loaded comes
 * first, then what is being loaded; among those the default service's.
 */
export function resolveModel(name: string, state: NamesState, depth = 0): Named | null {
  const all = nameables(state)
  const home = state.swappable[0]
  if (name === 'current') return home ? current(home, all) : null
  const best = (fits: (each: Nameable) => boolean, exact: boolean): Named | null => {
    const found = all.filter(fits).toSorted((a, b) => rank(a, home) - rank(b, home))[0]
    return found ? { ...found, exact } : null
  }
  const byRecipe = best((each) => each.recipe?.id === name, true)
  if (byRecipe) return byRecipe
  const target = Object.hasOwn(state.cluster.aliases, name) ? state.cluster.aliases[name] : undefined
  if (target !== undefined && depth === 0) return resolveModel(target, state, 1)
  // A capability never makes a model load by itself: it means what serves it now.
  return (
    best((each) => each.repo === name || each.upstreamName === name, true) ??
    best((each) => each.capabilities.includes(name), false)
  )
}

/** What the default service serves now or will serve; named as it is where that is nothing. */
function current(home: Service, all: Nameable[]): Named {
  const there = all.filter(({ service, upstreamName, coming }) => service === home && (upstreamName !== null || coming))
  const nothing = { service: home, upstreamName: null, repo: 'current', recipe: null, capabilities: [], coming: false }
  return { ...(there[0] ?? nothing), exact: false }
}

function rank({ upstreamName, coming, service }: Nameable, home: Service | undefined): number {
  const ready = upstreamName !== null ? 0 : coming ? 2 : 4
  return ready + (service === home ? 0 : 1)
}

function entry(service: Service, recipe: Recipe): Nameable {
  const { repo, capabilities } = recipe
  return { service, upstreamName: null, repo, recipe, capabilities, coming: false }
}
