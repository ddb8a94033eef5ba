import { ApiError } from '../core/gateway/api-error'
import type { Runtime } from '../core/runtime'
import type { Html } from '../views/html'
import type { EndpointView } from '../views/page-data'
import { apiPage } from '../views/pages/api'
import { firstRunPage } from '../views/pages/first-run'
import { overviewChanges, overviewPage, overviewParts } from '../views/pages/overview'
import { problemPage } from '../views/pages/problem'
import { servicePage } from '../views/pages/service'
import { swapPage } from '../views/pages/swap'
import { partial } from '../views/partial'
import { Notice } from '../views/parts/live'
import { tile } from '../views/services/tiles'
import { cancelJob, jobOf } from './control/jobs'
import { controlRoutes } from './control/routes'
import { requestSwap } from './control/swap'
import { eventStream } from './event-stream'
import type { GeneratedPath } from './gateway'
import type { Kind } from './kind'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

const shortestPauseMs = 250
const longestForm = 4096

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
      handle: (request) => html(apiPage(pageData(runtime), groups(request, kinds, generated))),
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
        return html(servicePage(service, pageData(runtime), endpoints(request, own)))
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
    { method: 'GET', path: '/ui/events', handle: (request) => live(request, runtime) },
    {
      method: 'POST',
      path: '/ui/swap',
      handle: (request) =>
        act(request, async (form) => {
          await requestSwap(runtime, { recipe: form.get('recipe') || null })
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
      handle: (request, { id }) => act(request, async () => runtime.hosts.get(id ?? '')?.retry()),
    },
  ]
}

/** Sends the blocks that changed, at most four times a second however much happens. */
function live(request: Request, runtime: Runtime): Response {
  return eventStream(request, (send) => {
    let shown = overviewParts(pageData(runtime))
    let timer: ReturnType<typeof setTimeout> | null = null
    const show = () => {
      timer = null
      const data = pageData(runtime)
      const parts = overviewParts(data)
      const text = overviewChanges(shown, parts, data)
      shown = parts
      if (text !== '') send({ data: text })
    }
    // The page may be older than this connection: everything is sent once.
    send({
      data: Object.entries(shown)
        .map(([id, part]) => partial(id, part).value)
        .join(''),
    })
    const stop = runtime.hub.subscribe(() => {
      timer ??= setTimeout(show, shortestPauseMs)
    })
    return () => {
      stop()
      if (timer) clearTimeout(timer)
    }
  })
}

/** Runs what a form asks for; htmx gets the outcome as a notice, a browser without it is sent back to the page. */
async function act(request: Request, action: (form: URLSearchParams) => Promise<unknown>): Promise<Response> {
  const text = await request.text()
  const byHtmx = request.headers.get('hx-request') === 'true'
  try {
    if (text.length > longestForm) throw new ApiError(413, 'body_too_large', 'the form is too large')
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

function groups(request: Request, kinds: Kind[], generated: GeneratedPath[]) {
  const control = controlRoutes(kinds)
  const shown = (tag: string) =>
    control.filter((route) => route.tag === tag).map((route) => view(request, route, route.example))
  const tags = [...new Set(control.map((route) => route.tag))].filter((tag) => tag !== 'apps')
  return [
    { title: 'For apps', endpoints: [...shown('apps'), ...endpoints(request, generated)] },
    ...tags.map((tag) => ({ title: `${tag[0]?.toUpperCase()}${tag.slice(1)}`, endpoints: shown(tag) })),
  ]
}

function endpoints(request: Request, paths: GeneratedPath[]): EndpointView[] {
  return paths.map(({ method, path, serves }) =>
    view(request, { method, path, summary: serves[0]?.endpoint.summary ?? '' }, serves[0]?.endpoint.example),
  )
}

function view(
  request: Request,
  { method, path, summary }: { method: string; path: string; summary: string },
  example: unknown,
): EndpointView {
  const address = `${new URL(request.url).origin}${path}`
  const body =
    method === 'GET' || example === undefined
      ? ''
      : ` -H 'content-type: application/json' -d '${JSON.stringify(example).replaceAll("'", "'\\''")}'`
  return { method, path, summary, curl: `curl${method === 'GET' ? '' : ` -X ${method}`} ${address}${body}` }
}
