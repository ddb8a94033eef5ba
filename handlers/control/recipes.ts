import { formatFinding } from '../../core/config/findings'
import { ApiError } from '../../core/gateway/api-error'
import { finalStates } from '../../core/jobs/job'
import type { Recipe } from '../../core/models/recipe'
import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'
import { recipeDetail, recipeView } from './recipe-view'

const largestText = 64 * 1024

/** The catalogue of what can be launched. */
export const recipeRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/recipes',
    tag: 'models',
    summary: 'The recipes this controller knows, and where they come from',
    handle: ({ runtime: { catalogue } }) => ({
      recipes: catalogue.recipes().map((recipe) => recipeView(recipe, catalogue)),
      sources: catalogue.sources(),
    }),
  },
  {
    method: 'GET',
    path: '/api/recipes/:id',
    tag: 'models',
    summary: 'One recipe: its text, the commands it runs, and what it changes of the shipped one',
    answers: { 404: 'no such recipe' },
    handle: ({ runtime, params }) => detail(runtime, recipeOf(runtime, params.id)),
  },
  {
    method: 'PUT',
    path: '/api/recipes/:id',
    tag: 'models',
    summary: 'Write an own recipe; its commands wait to be accepted',
    body: {
      type: 'object',
      additionalProperties: false,
      required: ['text'],
      properties: { text: { type: 'string', minLength: 1, maxLength: largestText } },
    },
    yamlAs: 'text',
    example: {
      text: 'recipe_version: "1"\nname: Qwen\nmodel: Qwen/Qwen3-8B\ncontainer: vllm-node\ncommand: vllm serve Qwen/Qwen3-8B --port {port}\n',
    },
    answers: { 409: 'a swap uses it', 422: 'it does not load; `findings` say why' },
    handle: ({ runtime, params, body }) => saveRecipe(runtime, params.id ?? '', (body as { text: string }).text),
  },
  {
    method: 'DELETE',
    path: '/api/recipes/:id',
    tag: 'models',
    summary: 'Remove an own recipe; a shipped one of the same id comes back',
    answers: { 404: 'no such recipe', 409: 'it is none of your own, or a swap uses it' },
    handle: ({ runtime, params }) => removeRecipe(runtime, params.id ?? ''),
  },
  {
    method: 'POST',
    path: '/api/recipes/:id/trust',
    tag: 'models',
    summary: 'Accept the commands of a recipe, by the hash they were shown with',
    body: {
      type: 'object',
      additionalProperties: false,
      required: ['hash'],
      properties: { hash: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
    },
    example: { hash: '0'.repeat(64) },
    answers: { 404: 'no such recipe', 409: 'its commands have changed; `recipe` shows them' },
    handle: ({ runtime, params, body }) => trustRecipe(runtime, params.id ?? '', (body as { hash: string }).hash),
  },
]

/** Writes an own recipe after the same checks as `check`. @throws {ApiError} 409, 422 with `findings` */
export function saveRecipe(runtime: Runtime, id: string, text: string) {
  refuseInUse(runtime, id)
  const { recipe, findings } = runtime.catalogue.save(id, text)
  if (!recipe) {
    const first = findings.find(({ severity }) => severity !== 'note')
    throw new ApiError(422, 'invalid_recipe', first ? formatFinding(first) : 'text: does not load; check it', {
      param: '/text',
      more: { findings },
    })
  }
  runtime.history.note({ type: 'action', text: `recipe ${id} was written` })
  return { recipe: detail(runtime, recipe), findings }
}

/** Removes an own recipe; tells what stands in its place now. @throws {ApiError} 404, 409 */
export function removeRecipe(runtime: Runtime, id: string) {
  const { source } = recipeOf(runtime, id)
  refuseInUse(runtime, id)
  if (!runtime.catalogue.remove(id))
    throw new ApiError(409, 'recipe_not_own', `${id}: comes from ${source} and is not yours to remove; remove it there`)
  runtime.history.note({ type: 'action', text: `own recipe ${id} was removed` })
  const now = runtime.catalogue.get(id)
  return { id, recipe: now ? recipeView(now, runtime.catalogue) : null }
}

/** Accepts the commands that a person was shown. @throws {ApiError} 404, 409 with the commands of now */
export function trustRecipe(runtime: Runtime, id: string, hash: string) {
  const recipe = recipeOf(runtime, id)
  const accepted = runtime.catalogue.trust(id, hash)
  if (!accepted)
    throw new ApiError(409, 'recipe_changed', `${id}: its commands have changed since; look at them again`, {
      param: '/hash',
      more: { hash: recipe.hash, recipe: detail(runtime, recipe) },
    })
  if (!recipe.trusted) runtime.history.note({ type: 'action', text: `the commands of recipe ${id} were accepted` })
  return { recipe: recipeView(accepted, runtime.catalogue) }
}

function recipeOf(runtime: Runtime, id: string | undefined): Recipe {
  const recipe = runtime.catalogue.get(id ?? '')
  if (recipe) return recipe
  throw new ApiError(404, 'recipe_not_found', 'recipe: is not in the catalogue; GET /api/recipes lists it')
}

const detail = (runtime: Runtime, recipe: Recipe) => recipeDetail(recipe, runtime)

/** A swap that a restart takes up again reads its recipe anew; and what a script has started, only its own words end. */
function refuseInUse(runtime: Runtime, id: string) {
  const swap = runtime.arbiter.current()
  const swapping = swap && !finalStates.includes(swap.state) && (swap.recipe === id || swap.previous === id)
  const running = runtime.arbiter.loaded().some(({ recipe }) => recipe?.id === id && recipe.runtime === 'script')
  if (swapping) throw new ApiError(409, 'recipe_in_use', `${id}: a swap uses it; wait for its end`, { retryAfter: 30 })
  if (running)
    throw new ApiError(409, 'recipe_in_use', `${id}: it is loaded, and its own commands must end it; unload it first`)
}
