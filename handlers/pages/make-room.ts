import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import { makeRoomPage } from '../../views/pages/make-room'
import { html, problem } from './answers'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

const path = '/ui/make-room'

/** Where it is asked whether models of other services may end, if that is all that keeps a swap from being possible. */
export function roomQuestion(error: unknown, recipe: string, service: string): string | null {
  const ends = error instanceof ApiError ? error.options.more?.would_end : null
  return Array.isArray(ends) && ends.length > 0 ? `${path}?${new URLSearchParams({ recipe, service })}` : null
}

/** The question before a swap that ends models of other services. */
export function makeRoomPages(runtime: Runtime): PlainRoute[] {
  return [
    {
      method: 'GET',
      path,
      async handle(request) {
        const asked = new URL(request.url).searchParams
        const recipe = runtime.recipes.find(({ id }) => id === asked.get('recipe'))
        const service = runtime.swappable.find(({ id }) => id === asked.get('service'))
        if (!recipe || !service)
          return problem(
            404,
            'No such swap',
            'The model or its service is not known.',
            'Choose a model on the overview.',
          )
        const { plan } = await runtime.arbiter.plan(recipe, service, () => true)
        if (!plan.possible)
          return problem(422, 'Not possible', plan.reason ?? 'It cannot be done now.', 'Choose another model.')
        const ends = plan.stops.map(({ service: id, recipe: of, repo }) => ({ service: id, model: of ?? repo }))
        return html(
          makeRoomPage({ recipe: recipe.id, service: service.id, ends, eta_s: plan.eta_s }, pageData(runtime)),
        )
      },
    },
  ]
}
