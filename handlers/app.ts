import { Elysia } from 'elysia'
import { ApiError } from '../core/gateway/api-error'
import { requestId } from '../core/guard/security-headers'
import type { Runtime } from '../core/runtime'
import { assets } from './assets'
import { controlRoutes } from './control/routes'
import { gateway, generatedPaths } from './gateway'
import type { Kind } from './kind'
import { openapi } from './openapi'
import { pages } from './pages/pages'
import { answerRoute, type Route } from './route'
import { storageRefusal } from './storage-refusal'

export interface App {
  /** Answers one request; the guard has let it pass. */
  handle(request: Request): Promise<Response>
}

/** Builds every route from the runtime: control plane, generated services, pages, assets. A reload builds a new one. */
export async function app(
  runtime: Runtime,
  kinds: Kind[],
  log: (error: unknown, request: string) => void = () => {},
): Promise<App> {
  // With a delegated fetch Elysia's default looks for the path from byte 11 of the URL: short host names would break it.
  const elysia = new Elysia({ handler: { standardHostname: false } })
  const generated = generatedPaths(runtime, kinds)
  const routes: Route[] = controlRoutes(kinds)
  routes.push(openapi(routes, generated))

  const answered = async (request: Request, answer: () => Promise<Response>): Promise<Response> => {
    try {
      return await answer()
    } catch (error) {
      runtime.storage.failed(error)
      return failure(request, error, log)
    }
  }

  for (const route of routes) {
    elysia.route(
      route.method,
      route.path,
      ({ request, params }) => answered(request, () => answerRoute(route, request, params ?? {}, runtime)),
      { parse: 'none' },
    )
  }
  for (const path of generated) {
    const passOn = gateway(path, runtime)
    elysia.route(
      path.method,
      path.path,
      ({ request }) => answered(request, () => passOn(request, requestId(request.headers))),
      { parse: 'none' },
    )
  }
  for (const plugin of await assets()) elysia.use(plugin)
  for (const { method, path, handle } of pages(runtime, kinds, generated)) {
    elysia.route(method, path, ({ request, params }) => answered(request, async () => handle(request, params ?? {})), {
      parse: 'none',
    })
  }
  elysia.all(
    '/*',
    ({ request }) =>
      answered(request, async () => {
        throw notFound(request, [...routes, ...generated])
      }),
    { parse: 'none' },
  )
  elysia.all(
    '/',
    ({ request }) =>
      answered(request, async () => {
        throw notFound(request, [...routes, ...generated])
      }),
    { parse: 'none' },
  )
  return { handle: async (request) => elysia.fetch(request) }
}

function notFound(request: Request, known: { path: string; method: string }[]): ApiError {
  const { pathname } = new URL(request.url)
  const others = known.filter(({ path }) => matches(path, pathname)).map(({ method }) => method)
  if (others.length === 0) return new ApiError(404, 'not_found', 'path: nothing is served here; see /openapi.json')
  const allow = [...new Set(others)].join(', ')
  return new ApiError(405, 'method_not_allowed', `method: this path takes ${allow}`, { headers: { allow } })
}

function matches(path: string, pathname: string): boolean {
  const [wanted, given] = [path.split('/'), pathname.split('/')]
  return (
    wanted.length === given.length &&
    wanted.every((each, n) => each === given[n] || (each.startsWith(':') && given[n] !== ''))
  )
}

/** Every failure in one shape: no stack, no path of this machine, no echo of the body. */
function failure(request: Request, error: unknown, log: (error: unknown, request: string) => void): Response {
  const { pathname } = new URL(request.url)
  const known =
    error instanceof ApiError
      ? error
      : (storageRefusal(error) ?? new ApiError(500, 'internal_error', 'the controller failed here; its log says more'))
  if (known.status === 500) log(error, `${request.method} ${pathname}`)
  if (known.status === 499) return new Response(null, { status: 499 })
  return known.response({ anthropic: pathname === '/v1/messages' })
}
