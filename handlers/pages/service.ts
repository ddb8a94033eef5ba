import { ApiError } from '../../core/gateway/api-error'
import type { JobView } from '../../core/jobs/job'
import type { Runtime } from '../../core/runtime'
import { actionNames } from '../../core/services/action'
import { type ServiceSubject, servicePage, serviceParts } from '../../views/pages/service'
import { serviceActionPage } from '../../views/pages/service-action'
import { tile } from '../../views/services/tiles'
import { cancelJob } from '../control/jobs'
import { declared, effectOf, offeredActions, requestAction } from '../control/service-actions'
import { containerFor } from '../control/service-logs'
import { endpointViews } from '../endpoint-views'
import type { GeneratedPath } from '../gateway'
import { act, html, problem } from './answers'
import { liveView } from './live-view'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

/** The page of one service, its tile alone, and its actions with the question before each. */
export function servicePages(runtime: Runtime, generated: GeneratedPath[]): PlainRoute[] {
  const found = (id: string | undefined) => runtime.observed.service(id ?? '') ?? null

  function subject(request: Request, id: string): ServiceSubject | null {
    const service = found(id)
    if (!service) return null
    const asDeclared = declared(runtime, id)
    const own = generated.filter((path) => path.serves.some((serve) => serve.service.id === id))
    return {
      service,
      actions: offeredActions(runtime, asDeclared),
      job: jobOfService(runtime, id),
      container: containerFor(runtime, asDeclared),
      user: asDeclared.user,
      endpoints: endpointViews(request, own),
    }
  }

  const forms: PlainRoute[] = actionNames.flatMap((name) => [
    {
      method: 'GET',
      path: `/ui/services/:id/${name}`,
      handle(_, { id }) {
        const service = found(id)
        if (!service) return missing(id)
        try {
          const effect = effectOf(runtime, declared(runtime, id), name)
          if (effect !== null) return html(serviceActionPage(service, { name, effect }, pageData(runtime)))
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          const [what = error.message, ...remedy] = error.message.split('; ')
          return problem(error.status, 'Not possible', what, remedy.join('; '))
        }
        return problem(422, 'Not possible', `${service.title} has no ${name}.`, 'See its page for what it has.')
      },
    },
    {
      method: 'POST',
      path: `/ui/services/:id/${name}`,
      handle: (request, { id }) =>
        act(
          request,
          async () => requestAction(runtime, declared(runtime, id), name, { by: 'person' }),
          `/ui/services/${id}`,
        ),
    },
  ])

  return [
    {
      method: 'GET',
      path: '/ui/services/:id',
      handle(request, { id = '' }) {
        const shown = subject(request, id)
        if (!shown) return missing(id)
        openOwnLogin(runtime, id)
        return html(servicePage(shown, pageData(runtime)))
      },
    },
    {
      method: 'GET',
      path: '/ui/services/:id/tile',
      handle(_, { id }) {
        const service = found(id)
        return service ? html(tile(service, pageData(runtime))) : missing(id)
      },
    },
    {
      method: 'GET',
      path: '/ui/services/:id/events',
      handle: (request, { id = '' }) =>
        liveView(request, runtime, {
          parts(data) {
            const shown = subject(request, id)
            return shown ? serviceParts(shown, data) : {}
          },
        }),
    },
    ...forms,
    {
      method: 'POST',
      path: '/ui/services/:id/cancel',
      handle: (request, { id }) =>
        act(
          request,
          async (form) => {
            const job = form.get('job')
            if (job === null) throw new ApiError(422, 'job_missing', 'job: is missing; go back and try again')
            cancelJob(runtime, job)
          },
          `/ui/services/${id}`,
        ),
    },
  ]
}

/** So that whoever looks at the page sees at once whether its user may log in. */
function openOwnLogin(runtime: Runtime, id: string) {
  const service = declared(runtime, id)
  if (service.user !== null && !service.disabled) runtime.logins.of(service)
}

/** The action or swap that works on a service now, or the last one. */
function jobOfService({ runner, arbiter, journal, swappable }: Runtime, service: string): JobView | null {
  const mine = ({ service: of }: JobView) => of === service
  if (swappable.some(({ id }) => id === service))
    return [arbiter.current()].flatMap((swap) => swap ?? []).find(mine) ?? null
  return runner.running().find(mine) ?? journal.list({ kind: 'service', limit: 50 }).find(mine) ?? null
}

function missing(id: string | undefined) {
  return problem(
    404,
    'No such service',
    `Nothing called ${id} is declared.`,
    'Choose a service on the overview, or declare it in spark.config.yaml.',
  )
}
