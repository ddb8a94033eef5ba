import type { JobView } from '../jobs/job'
import type { Recipe } from '../models/recipe'
import type { NamesState } from './names'

export interface ChangingOptions {
  /** The running swap, or the last one. */
  swap: JobView | null
  isShut(service: string): boolean
  recipes: readonly Recipe[]
}

/** Which models are going and which are coming while a swap runs, so that a name means what will soon answer to it. */
export function changing({ swap, isShut, recipes }: ChangingOptions): Pick<NamesState, 'leaving' | 'coming'> {
  const leaving = new Set<string>()
  const coming = new Map<string, Recipe>()
  if (!swap || swap.ended_at !== null || swap.service === null) return { leaving, coming }
  const room = swap.makes_room ?? []
  for (const service of [swap.service, ...room.map((each) => each.service)]) if (isShut(service)) leaving.add(service)
  for (const [service, id] of nextOf(swap, swap.service)) {
    const recipe = recipes.find((each) => each.id === id)
    if (recipe) coming.set(service, recipe)
  }
  return { leaving, coming }
}

/** On its way back a swap brings what ran before, unless it was cancelled twice. */
function nextOf(swap: JobView, service: string): [service: string, recipe: string | null][] {
  if (swap.ending === null) return [[service, swap.recipe]]
  if ((swap.cancels ?? 0) > 1) return []
  const room = swap.makes_room ?? []
  return [[service, swap.previous], ...room.map((each): [string, string | null] => [each.service, each.recipe])]
}
