import type { Recipe } from '../../models/recipe'

/** A service that takes models, and what is in it. Times are ms of the rising clock. */
export interface SlotNow {
  service: string
  /** It is known what runs there. */
  seen: boolean
  /** Null: nothing. */
  repo: string | null
  recipe: Recipe | null
  loadedAt: number
  usedAt: number
}

/** Since when (ms of the rising clock) something may be ended; infinite where it may not, with the reason. */
export interface Permission {
  from: number
  reason: string | null
}

const free: Permission = { from: Number.NEGATIVE_INFINITY, reason: null }

/** When a request for one model may end what is in a slot; one of its own that answers no more may always. */
export function mayEnd(asked: Pick<Recipe, 'id' | 'demand'>, { service, repo, recipe, loadedAt }: SlotNow): Permission {
  if (repo === null || recipe?.id === asked.id) return free
  const never = (reason: string): Permission => ({ from: Number.POSITIVE_INFINITY, reason })
  if (!recipe) return never(`${repo} runs in ${service}, and no recipe tells whether it may end`)
  const { keep, priority, minLoadedS } = recipe.demand
  if (keep) return never(`${recipe.id} runs in ${service} and is kept`)
  if (priority > asked.demand.priority) return never(`${recipe.id} runs in ${service} and has a higher priority`)
  return { from: loadedAt + minLoadedS * 1000, reason: `${recipe.id} stays for ${minLoadedS} s once it is loaded` }
}
