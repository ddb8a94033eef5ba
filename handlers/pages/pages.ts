import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import { apiPage } from '../../views/pages/api'
import { swapPage } from '../../views/pages/swap'
import { live } from '../control/hosts'
import { cancelJob, jobOf } from '../control/jobs'
import { requestSwap } from '../control/swap'
import { endpointGroups } from '../endpoint-views'
import type { GeneratedPath } from '../gateway'
import type { Kind } from '../kind'
import { activityPages } from './activity'
import { act, html, problem } from './answers'
import { doctorPages } from './doctor'
import { firstRunPages } from './first-run'
import { hostPages } from './host'
import { liveView } from './live-view'
import { modelPages } from './models'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'
import { recipePages } from './recipe'
import { servicePages } from './service'
import { setupPages } from './setup'

/** The pages, their live stream, and the forms on them. */
export function pages(runtime: Runtime, kinds: Kind[], generated: GeneratedPath[]): PlainRoute[] {
  return [
    ...firstRunPages(runtime, kinds),
    ...activityPages(runtime),
    ...doctorPages(runtime, kinds),
    ...hostPages(runtime),
    ...servicePages(runtime, generated),
    ...modelPages(runtime),
    ...recipePages(runtime),
    ...setupPages(runtime),
    {
      method: 'GET',
      path: '/ui/api',
      handle: (request) => html(apiPage(pageData(runtime), endpointGroups(request, runtime, kinds, generated))),
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
