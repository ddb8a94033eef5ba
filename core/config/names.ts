import type { Recipe } from '../models/recipe'
import type { Service } from './cluster'
import { nearest } from './nearest'

/** What an app may name in `model` instead of a model. */
export const capabilities = [
  'chat',
  'vision',
  'reasoning',
  'tools',
  'stt',
  'diarize',
  'tts',
  'embed',
  'rerank',
] as const

/** A collision or a dead end among the names an app may send in `model`; about an alias, a service's model or a recipe. */
export interface NameProblem {
  alias?: string
  service?: string
  recipe?: Recipe
  problem: string
  remedy: string
  note?: boolean
}

/** Holds that every name means one thing: recipe id, alias, repo (or a service's model), capability; `current` is nobody's. */
export function nameProblems(
  aliases: Readonly<Record<string, string>>,
  services: readonly Service[],
  recipes: readonly Recipe[],
): NameProblem[] {
  const taken = new Map<string, string>([['current', 'reserved']])
  for (const capability of capabilities) taken.set(capability, 'a capability')
  return [...recipeProblems(recipes, taken), ...aliasProblems(), ...services.flatMap(serviceProblems)]

  function aliasProblems(): NameProblem[] {
    const models = new Map(services.flatMap(({ id, model }) => (model ? [[model, `the model of service ${id}`]] : [])))
    const repos = new Map(recipes.map(({ id, repo }) => [repo, `the repo of recipe ${id}`]))
    const targets = [...recipes.map(({ id }) => id), ...repos.keys(), ...models.keys(), ...capabilities]
    return Object.entries(aliases).flatMap(([alias, target]): NameProblem[] => {
      const holder = taken.get(alias) ?? repos.get(alias) ?? models.get(alias)
      const problems: NameProblem[] = []
      if (holder) problems.push({ alias, problem: `"${alias}" is ${holder}`, remedy: 'choose another name' })
      if (!targets.includes(target)) problems.push({ alias, ...deadEnd(target, targets) })
      return problems
    })
  }

  function deadEnd(target: string, targets: string[]) {
    const problem = `no recipe, repo, service model or capability is called "${target}"`
    if (Object.hasOwn(aliases, target))
      return { problem, remedy: `an alias cannot name an alias; write ${aliases[target]}` }
    const meant = nearest(target, targets)
    return { problem, remedy: meant ? `did you mean "${meant}"?` : 'name one of these' }
  }

  function serviceProblems({ id, model, disabled }: Service): NameProblem[] {
    if (model === null || disabled) return []
    const holder = taken.get(model)
    if (holder) return [{ service: id, problem: `"${model}" is ${holder}`, remedy: 'use the full model name' }]
    const recipe = recipes.find(({ repo }) => repo === model)
    if (!recipe) return []
    return [
      { service: id, problem: `recipe ${recipe.id} has the same model`, remedy: 'this service answers it', note: true },
    ]
  }
}

/** Also enters the ids into `taken`, for the names that come after. */
function recipeProblems(recipes: readonly Recipe[], taken: Map<string, string>): NameProblem[] {
  const problems: NameProblem[] = []
  for (const recipe of recipes) {
    const holder = taken.get(recipe.id)
    if (holder) problems.push({ recipe, problem: `"${recipe.id}" is ${holder}`, remedy: 'rename the file' })
    else taken.set(recipe.id, 'a recipe')
  }
  return problems
}
