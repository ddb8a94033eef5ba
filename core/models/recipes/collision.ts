import type { Cluster, Finding } from '../../config/cluster'
import { nameProblems } from '../../config/names'
import type { Recipe } from '../recipe'

/** Names that are declared, and that no recipe may take. */
export type DeclaredNames = Pick<Cluster, 'aliases' | 'services'>

/** Why a recipe can't have its id: an alias, a service's model, a capability or a reserved word has it; null where it is free. */
export function collision(recipe: Recipe, { aliases, services }: DeclaredNames): Finding | null {
  const found = nameProblems(aliases, services, [recipe]).find(
    ({ alias, service, recipe: about, note }) =>
      about !== undefined ||
      alias === recipe.id ||
      (!note && services.some(({ id, model }) => id === service && model === recipe.id)),
  )
  if (!found) return null
  const { alias, service } = found
  const holder = alias === undefined ? `the model of service ${service}` : 'an alias'
  const problem = found.recipe ? found.problem : `"${recipe.id}" is ${holder}`
  return { file: recipe.file, line: 1, column: 1, path: '', problem, remedy: 'choose another id', severity: 'error' }
}

/** The recipes whose id is free, and a finding for each of the others. */
export function withFreeNames(
  recipes: readonly Recipe[],
  names: DeclaredNames,
): { recipes: Recipe[]; taken: Finding[] } {
  const held = recipes.map((recipe) => ({ recipe, finding: collision(recipe, names) }))
  return {
    recipes: held.flatMap(({ recipe, finding }) => (finding ? [] : [recipe])),
    taken: held.flatMap(({ finding }) => finding ?? []),
  }
}
