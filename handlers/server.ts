import { ApiError } from '../core/gateway/api-error'
import { guard } from '../core/guard/guard'
import { requestId, secure } from '../core/guard/security-headers'
import type { Log } from '../core/log'
import { problemPage } from '../views/pages/problem'
import type { App } from './app'
import { endEventStreams, openEventStreams } from './event-stream'

export interface ServerOptions {
  /** Asked for each request: a reload puts another app in its place. */
  current(): { app: App; allowedHosts: readonly string[] }
  port: number
  hostname?: string
  log: Log
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Nothing but dashboards and event readers is connected. */
  readonly quiet: boolean
  /** Takes no new requests, ends event streams, lets running answers finish for `drainMs`, then stops. */
  stop(drainMs?: number): Promise<void>
}

/** The only place that opens the port: guard first, then the app, then the headers every answer carries. */
export function server({ current, port, hostname = '0.0.0.0', log }: ServerOptions): RunningServer {
  const bun = Bun.serve({
    hostname,
    port,
    // Models think longer than any default; silence is judged per upstream instead.
    idleTimeout: 0,
    // `1 << 40` is 256 in JS.
    maxRequestBodySize: 2 ** 40,
    reusePort: false,
    development: false,
    async fetch(request) {
      const id = requestId(request.headers)
      const { app, allowedHosts } = current()
      const refused = guard(request, { allowedHosts })
      const response = refused ? refusal(refused, request) : await app.handle(request)
      // An answer that was passed on carries the id that its upstream saw.
      const shown = response.headers.get('x-request-id') ?? id
      secure(response.headers, shown)
      if (response.status >= 500)
        log.warn('answer', {
          status: response.status,
          method: request.method,
          path: pathOf(request),
          request_id: shown,
        })
      return response
    },
    error(error) {
      log.error('request', { error: error.message })
      const response = new ApiError(500, 'internal_error', 'the controller failed here; its log says more').response()
      secure(response.headers, requestId(response.headers))
      return response
    },
  })
  const at = bun.port ?? port
  return {
    url: `http://127.0.0.1:${at}`,
    port: at,
    get quiet() {
      return bun.pendingRequests <= openEventStreams()
    },
    async stop(drainMs = 3000) {
      const ended = bun.stop()
      endEventStreams()
      await Promise.race([ended, Bun.sleep(drainMs)])
      await bun.stop(true)
    },
  }
}

/** A person gets a page without anything from here in it, a program gets the error. */
function refusal(refused: ApiError, request: Request): Response {
  if (!request.headers.get('accept')?.includes('text/html')) return refused.response()
  const [text = '', remedy = ''] = refused.message.split('; ')
  const page = problemPage({ status: refused.status, title: 'Not from here', text, remedy })
  return new Response(page.value, { status: refused.status, headers: { 'content-type': 'text/html; charset=utf-8' } })
}

function pathOf(request: Request): string {
  return URL.canParse(request.url) ? new URL(request.url).pathname.slice(0, 200) : ''
}
