import type { Recipe } from '../models/recipe'
import { type Nameable, type Named, type NamesState, nameables, resolveModel } from './names'

export interface NamingOptions extends Pick<NamesState, 'cluster' | 'swappable'> {
  recipes(): Recipe[]
  /** What a service's port said it serves; null while nothing answers. */
  serves(service: string): { id: string; root: string }[] | null
  /** The recipes that the arbiter knows to be loaded. */
  loaded(): { service: string; recipe: Recipe | null }[]
  /** What a swap is doing, of which the door of a service tells whether its model has begun to end. */
  changing(): Pick<NamesState, 'leaving' | 'coming'>
  /** Another number whenever something may have changed. */
  version(): number
}

export interface Naming {
  resolve(model: string): Named | null
  nameables(): Nameable[]
}

const mostRemembered = 1000

/** What can be named in `model` as things are now, and what a name means. */
export function naming(options: NamingOptions): Naming {
  const { cluster, recipes, swappable, serves, loaded, changing, version } = options
  let resolved = new Map<string, Named | null>()
  let resolvedAt = -1

  function state(): NamesState {
    const recipeOf = new Map(loaded().map(({ service, recipe }) => [service, recipe]))
    const listed = new Map(cluster.services.map(({ id }) => [id, serves(id) ?? []]))
    const serving = new Map(
      [...listed].flatMap(([id, [now]]) => (now ? [[id, { ...now, recipe: recipeOf.get(id) ?? null }] as const] : [])),
    )
    return { cluster, recipes: recipes(), serving, listed, swappable, ...changing() }
  }

  return {
    nameables: () => nameables(state()),
    // A request must not rebuild the list of everything; it changes only when something is published.
    resolve(model) {
      if (resolvedAt !== version() || resolved.size > mostRemembered) {
        resolved = new Map()
        resolvedAt = version()
      }
      const known = resolved.get(model)
      if (known !== undefined) return known
      const found = resolveModel(model, state())
      resolved.set(model, found)
      return found
    },
  }
}
