import { stringify } from 'yaml'
import { ApiError } from '../../core/gateway/api-error'
import type { Recipe } from '../../core/models/recipe'
import type { Runtime } from '../../core/runtime'
import { type RecipeSubject, recipePage, recipeParts } from '../../views/pages/recipe'
import type { RecipeStanding } from '../../views/parts/recipe-next'
import { recipeDetail } from '../control/recipe-view'
import { removeRecipe, trustRecipe } from '../control/recipes'
import { act, html, problem } from './answers'
import { liveView } from './live-view'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'
import { sourceTitle } from './recipe-source'

/** The page of one recipe, the acceptance of its commands, the way back to the one beneath it, and its end. */
export function recipePages(runtime: Runtime): PlainRoute[] {
  return [
    {
      method: 'GET',
      path: '/ui/recipes/:id',
      handle(_, { id = '' }) {
        const recipe = runtime.catalogue.get(id)
        return recipe ? html(recipePage(subject(runtime, recipe), pageData(runtime))) : missing(id)
      },
    },
    {
      method: 'GET',
      path: '/ui/recipes/:id/events',
      handle: (request, { id = '' }) =>
        liveView(request, runtime, {
          parts(data) {
            const recipe = runtime.catalogue.get(id)
            return recipe ? recipeParts(standing(runtime, recipe), data) : {}
          },
        }),
    },
    {
      method: 'POST',
      path: '/ui/recipes/:id/trust',
      handle: (request, { id = '' }) =>
        act(request, async (form) => trustRecipe(runtime, id, form.get('hash') ?? ''), `/ui/recipes/${id}`),
    },
    {
      method: 'POST',
      path: '/ui/recipes/:id/back',
      handle: (request, { id = '' }) => act(request, async () => backToShipped(runtime, id), `/ui/recipes/${id}`),
    },
    {
      method: 'POST',
      path: '/ui/recipes/:id/remove',
      handle: (request, { id = '' }) => act(request, async () => removeRecipe(runtime, id), '/ui/models'),
    },
  ]
}

function subject(runtime: Runtime, recipe: Recipe): RecipeSubject {
  const { catalogue, cluster } = runtime
  const detail = recipeDetail(recipe, runtime)
  return {
    ...standing(runtime, recipe),
    origin: sourceTitle(recipe.source, catalogue.sources(), cluster.hosts),
    commands: detail.commands.map(({ host, command }) => ({ host: titleOf(runtime, host), command })),
    untold: detail.commands_reason,
    settings: settingsOf(detail),
    beneath: catalogue.shipped(recipe.id)?.source ?? null,
    difference: detail.difference,
  }
}

function standing(runtime: Runtime, recipe: Recipe): RecipeStanding {
  return {
    recipe,
    fit: runtime.fit(recipe),
    model: runtime.menu().models.find(({ repo }) => repo === recipe.repo) ?? null,
    loaded: runtime.arbiter.loaded().some((each) => each.recipe?.id === recipe.id),
  }
}

/** All that decides what is run, where the launcher's own words for it can't be told. */
function settingsOf({ argv, container, env, mods, docker, script }: ReturnType<typeof recipeDetail>): string {
  const all = { command: argv, container, env, mods, docker, script }
  return stringify(
    Object.fromEntries(Object.entries(all).filter(([, value]) => value && Object.keys(value).length > 0)),
  )
}

function titleOf({ cluster }: Runtime, host: string): string {
  return cluster.hosts.find(({ id }) => id === host)?.title ?? host
}

function backToShipped(runtime: Runtime, id: string) {
  if (!runtime.catalogue.shipped(id))
    throw new ApiError(409, 'nothing_shipped', `${id}: nothing shipped lies beneath it; it would be gone for good`)
  removeRecipe(runtime, id)
}

function missing(id: string) {
  return problem(
    404,
    'No such recipe',
    `Nothing called ${id} is in the catalogue.`,
    'Choose one on the page of models.',
  )
}
