import { ApiError } from '../core/gateway/api-error'
import { limitedBytes } from '../core/gateway/limited-body'
import type { Runtime } from '../core/runtime'
import type { Html } from '../views/html'
import { apiPage } from '../views/pages/api'
import { firstRunPage } from '../views/pages/first-run'
import { overviewChanges, overviewPage, overviewParts } from '../views/pages/overview'
import { problemPage } from '../views/pages/problem'
import { servicePage } from '../views/pages/service'
import { swapPage } from '../views/pages/swap'
import { partial } from '../views/partial'
import { Notice } from '../views/parts/live'
import { tile } from '../views/services/tiles'
import { live } from './control/hosts'
import { cancelJob, jobOf } from './control/jobs'
import { requestSwap } from './control/swap'
import { endpointGroups, endpointViews } from './endpoint-views'
import { eventStream } from './event-stream'
import type { GeneratedPath } from './gateway'
import type { Kind } from './kind'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

const shortestPauseMs = 250
const longestForm = 4096
const tickMs = 5000

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

/** Sends the blocks that changed, at most four times a second however much happens. */
function liveView(request: Request, runtime: Runtime): Response {
  return eventStream(request, (send) => {
    let shown = overviewParts(pageData(runtime))
    let timer: ReturnType<typeof setTimeout> | null = null
    const show = () => {
      timer = null
      if (request.signal.aborted) return
      const data = pageData(runtime)
      const parts = overviewParts(data)
      const text = overviewChanges(shown, parts, data)
      shown = parts
      if (text !== '') send({ data: text })
    }
    // The page may be older than this connection: everything is sent once.
    send({ data: overviewChanges({}, shown, pageData(runtime)) })
    // A comment would keep the line open too, but the page never sees one, and it must notice a link that died.
    const tick = setInterval(() => send({ event: 'tick', data: new Date().toISOString() }), tickMs)
    const stop = runtime.hub.subscribe(() => {
      timer ??= setTimeout(show, shortestPauseMs)
    })
    return () => {
      stop()
      clearInterval(tick)
      if (timer) clearTimeout(timer)
    }
  })
}

/** Runs what a form asks for; htmx gets the outcome as a notice, a browser without it is sent back to the page. */
async function act(request: Request, action: (form: URLSearchParams) => Promise<unknown>): Promise<Response> {
  const byHtmx = request.headers.get('hx-request') === 'true'
  try {
    const text = new TextDecoder().decode(await limitedBytes(request, longestForm))
    await action(new URLSearchParams(text))
    return byHtmx ? notice() : Response.redirect('/', 303)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const [what = error.message, ...remedy] = error.message.split('; ')
    // A notice is the answer to the click, so it is swapped in like any other.
    return byHtmx
      ? notice(error.message)
      : problem(error.status, 'That did not work', what, remedy.join('; ') || 'Go back and try again.')
  }
}

function notice(text?: string): Response {
  return html(partial('notice', Notice({ text })))
}

function problem(status: number, title: string, text: string, remedy: string): Response {
  return html(problemPage({ status, title, text, remedy }), status)
}

function html(body: Html, status = 200): Response {
  return new Response(body.value, { status, headers: { 'content-type': 'text/html; charset=utf-8' } })
}
