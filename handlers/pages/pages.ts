import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import { apiPage } from '../../views/pages/api'
import { firstRunPage } from '../../views/pages/first-run'
import { overviewPage } from '../../views/pages/overview'
import { servicePage } from '../../views/pages/service'
import { swapPage } from '../../views/pages/swap'
import { tile } from '../../views/services/tiles'
import { live } from '../control/hosts'
import { cancelJob, jobOf } from '../control/jobs'
import { requestSwap } from '../control/swap'
import { endpointGroups, endpointViews } from '../endpoint-views'
import type { GeneratedPath } from '../gateway'
import type { Kind } from '../kind'
import { act, html, problem } from './answers'
import { liveView } from './live-view'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

/** The pages, their live stream, and the forms on them. */
export function pages(runtime: Runtime, kinds: Kind[], generated: GeneratedPath[]): PlainRoute[] {
  const found = (id: string | undefined) => runtime.observed.service(id ?? '') ?? null
  return [
    {
      method: 'GET',
      path: '/',
      handle: () =>
        html(runtime.cluster.hosts.length > 0 ? overviewPage(pageData(runtime)) : firstRunPage(pageData(runtime))),
    },
    {
      method: 'GET',
      path: '/ui/api',
      handle: (request) => html(apiPage(pageData(runtime), endpointGroups(request, runtime, kinds, generated))),
    },
    {
      method: 'GET',
      path: '/ui/services/:id',
      handle(request, { id }) {
        const service = found(id)
        if (!service)
          return problem(
            404,
            'No such service',
            `Nothing called ${id} is declared.`,
            'Choose a service on the overview, or declare it in spark.config.yaml.',
          )
        const own = generated.filter((path) => path.serves.some((serve) => serve.service.id === id))
        return html(servicePage(service, pageData(runtime), endpointViews(request, own)))
      },
    },
    {
      method: 'GET',
      path: '/ui/services/:id/tile',
      handle(_, { id }) {
        const service = found(id)
        return service
          ? html(tile(service, pageData(runtime)))
          : problem(404, 'No such service', `Nothing called ${id} is declared.`, 'Declare it in spark.config.yaml.')
      },
    },
    {
      method: 'GET',
      path: '/ui/swap/:job',
      handle(_, { job }) {
        try {
          return html(swapPage(jobOf(runtime, job), pageData(runtime)))
        } catch {
          return problem(404, 'No such swap', 'This swap is not known.', 'Look at the overview for the latest one.')
        }
      },
    },
    { method: 'GET', path: '/ui/events', handle: (request) => liveView(request, runtime) },
    {
      method: 'POST',
      path: '/ui/swap',
      handle: (request) =>
        act(request, async (form) => {
          const recipe = form.get('recipe')
          if (recipe === null) throw new ApiError(422, 'recipe_missing', 'recipe: is missing; choose one')
          await requestSwap(runtime, { recipe: recipe || null })
        }),
    },
    {
      method: 'POST',
      path: '/ui/swap/cancel',
      handle: (request) =>
        act(request, async (form) => {
          cancelJob(runtime, form.get('job') ?? undefined)
        }),
    },
    {
      method: 'POST',
      path: '/ui/hosts/:id/connect',
      handle: (request, { id }) => act(request, async () => live(runtime, id).retry()),
    },
  ]
}
