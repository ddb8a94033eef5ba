import type { Service } from '../../core/config/cluster'
import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import type { ActionName } from '../../core/services/action'
import { requestSwap, type SwapAnswer, type SwapRequest } from './swap'

export const modelActions = ['start', 'stop', 'restart'] as const satisfies ActionName[]
export type Who = Pick<SwapRequest, 'by' | 'token'>
type ModelAction = (typeof modelActions)[number]

/** What an action does to a service whose model the arbiter changes, for the question before it. @throws {ApiError} 422 */
export function modelEffect(runtime: Runtime, service: Service, action: ModelAction): string {
  const now = loadedIn(runtime, service)
  const loaded = now?.recipe?.name ?? now?.repo ?? 'its model'
  const brokenOff = `requests that it works on now have ${runtime.cluster.drainS} s to finish`
  if (action === 'stop') return `${loaded} is unloaded; ${brokenOff}`
  const recipe = recipeFor(runtime, service, action)
  return action === 'restart' && now
    ? `${loaded} is unloaded and loaded anew; ${brokenOff}, and no model answers until it is loaded`
    : `${nameOf(runtime, recipe)}, which was loaded last, is loaded`
}

/** Starts, stops or restarts a model through the arbiter, which alone changes what runs. @throws {ApiError} 409, 422 */
export async function requestModelAction(
  runtime: Runtime,
  service: Service,
  action: ModelAction,
  who: Who,
  idempotencyKey: string | null,
): Promise<SwapAnswer> {
  const recipe = action === 'stop' ? null : recipeFor(runtime, service, action)
  return requestSwap(runtime, { ...who, service: service.id, recipe, again: action === 'restart' }, idempotencyKey)
}

/** What is loaded now, else what was loaded last. */
function recipeFor(runtime: Runtime, service: Service, action: ModelAction): string {
  const now = loadedIn(runtime, service)
  if (action === 'restart' && now && !now.recipe)
    throw new ApiError(422, 'recipe_unknown', `${now.repo}: no recipe loads it; stop it, then choose a model to load`)
  const recipe = now?.recipe?.id ?? lastLoaded(runtime, service)
  if (recipe === null)
    throw new ApiError(
      422,
      'nothing_loaded_before',
      `${service.id}: no model was loaded here before; choose one to load`,
    )
  return recipe
}

/** The recipe of the last swap that left a model, or of the one before a stop; null when none is known. */
function lastLoaded(runtime: Runtime, service: Service): string | null {
  const swaps = runtime.journal.list({ kind: 'swap', limit: 200 }).filter((each) => each.service === service.id)
  const recipes = swaps.map(({ state, recipe, previous }) => (state === 'done' && recipe !== null ? recipe : previous))
  return recipes.find((each) => each !== null && runtime.recipes.some(({ id }) => id === each)) ?? null
}

function loadedIn(runtime: Runtime, service: Service) {
  return runtime.arbiter.loaded().find((each) => each.service === service.id) ?? null
}

function nameOf(runtime: Runtime, recipe: string): string {
  return runtime.recipes.find(({ id }) => id === recipe)?.name ?? recipe
}
