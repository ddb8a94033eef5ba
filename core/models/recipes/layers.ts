import type { Recipe } from '../recipe'

/** The recipe that counts for each id, and those that it hides, the nearest first. */
export interface Layered {
  recipes: Recipe[]
  shadowed: Map<string, Recipe[]>
}

/** Puts layers over one another: of several recipes with one id the first layer's counts. A foreign recipe that is a copy of one above it counts once. */
export function layered(layers: readonly (readonly Recipe[])[]): Layered {
  const byId = new Map<string, Recipe[]>()
  for (const recipe of layers.flat()) {
    const same = byId.get(recipe.id) ?? []
    if (recipe.source !== 'shipped' && same.some(({ text }) => text === recipe.text)) continue
    byId.set(recipe.id, [...same, recipe])
  }
  const all = [...byId]
  return {
    recipes: all.flatMap(([, [first]]) => first ?? []),
    shadowed: new Map(all.flatMap(([id, [, ...rest]]) => (rest.length > 0 ? [[id, rest]] : []))),
  }
}
