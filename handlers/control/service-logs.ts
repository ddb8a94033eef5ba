import type { LiveHost } from '../../core/cluster/hosts'
import type { Host, Service } from '../../core/config/cluster'
import { ApiError } from '../../core/gateway/api-error'
import { containerOf } from '../../core/launchers/container'
import type { Runtime } from '../../core/runtime'
import { followLog } from '../../core/services/follow-log'
import { logTail } from '../../core/services/log-tail'
import { eventStream } from '../event-stream'
import type { Route } from '../route'
import { limitOf, limitSchema } from './parameter'
import { reach, remoteError } from './reach'
import { declared } from './service-actions'

const standardLines = 200
const mostLines = 5000

/** `GET /api/services/:id/logs`: the end of the container's log, or with `Accept: text/event-stream` what comes, too. */
export const serviceLogRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/services/:id/logs',
    tag: 'services',
    query: {
      lines: limitSchema(standardLines, mostLines),
      host: { about: 'which of its hosts; the first when left out' },
    },
    summary: 'Log of its container; with `Accept: text/event-stream` it follows',
    answers: {
      404: 'no such service',
      422: 'it has no container',
      429: 'its log, or logs there, are followed often enough already',
      503: 'its host can not be reached',
    },
    async handle({ runtime, params, request, url }) {
      const service = declared(runtime, params.id)
      const container = followable(runtime, service)
      const host = hostFor(service, url.searchParams.get('host'))
      const lines = limitOf(url, standardLines, mostLines, 'lines')
      const { live, release } = runtime.logins.bulk(service, host)
      try {
        await reach(live)
        if (request.headers.get('accept')?.includes('text/event-stream'))
          return follow({ runtime, request, service, live, container, lines })
        const { text } = await logTail(live, container, lines, request.signal)
        return new Response(text, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
      } catch (error) {
        throw remoteError(error, live)
      } finally {
        release()
      }
    },
  },
]

interface Following {
  runtime: Runtime
  request: Request
  service: Service
  live: LiveHost
  container: string
  lines: number
}

/** `start` begins it, unnamed events bring lines, `problem` tells why it ended. A container that is not there is waited for. */
function follow({ runtime, request, service, live, container, lines }: Following): Response {
  const { id, user } = live.host
  const place = runtime.followers.take(service.id, `${id} ${user}`)
  if (typeof place === 'string')
    throw new ApiError(429, 'too_many_followers', tooMany(place, service, live), { retryAfter: 30 })
  const used = runtime.logins.bulk(service, live.host)
  return eventStream(request, (send, close) => {
    const stop = new AbortController()
    // Who left before it began is not told of any more.
    if (request.signal.aborted) close()
    send({ event: 'start', data: '' })
    const onLines = (text: string[]) => send({ data: text.join('\n') })
    void followLog(live, { container, lines, signal: stop.signal, onLines })
      .catch((error: Error) => {
        if (!stop.signal.aborted) send({ event: 'problem', data: error.message })
      })
      .finally(() => {
        close()
        place.release()
        used.release()
      })
    return () => stop.abort(new Error('nobody reads it any more'))
  })
}

/** The container of a service; the launcher's own where it names none. Null where it has none. */
export function containerFor(runtime: Runtime, service: Service): string | null {
  return runtime.swappable.some(({ id }) => id === service.id) ? containerOf(service) : service.container
}

/** @throws {ApiError} 422 */
function followable(runtime: Runtime, service: Service): string {
  const container = containerFor(runtime, service)
  if (service.disabled)
    throw new ApiError(422, 'service_disabled', `${service.id}: is disabled; remove that in spark.config.yaml`)
  if (container === null)
    throw new ApiError(422, 'no_container', `${service.id}: has no container; name it in spark.config.yaml`)
  return container
}

/** @throws {ApiError} 422 */
function hostFor(service: Service, wanted: string | null): Host {
  const host = wanted === null ? service.hosts[0] : service.hosts.find(({ id }) => id === wanted)
  if (!host) {
    const names = service.hosts.map(({ id }) => id).join(', ')
    throw new ApiError(422, 'host_not_of_service', `host: ${service.id} is not on it; choose from ${names}`, {
      param: 'host',
    })
  }
  return host
}

function tooMany(limit: 'service' | 'login' | 'all', service: Service, { host }: LiveHost): string {
  if (limit === 'service') return `${service.id}: its log is followed 4 times already; close one`
  if (limit === 'login') return `${host.id}: 5 logs are followed there as ${host.user} already; close one`
  return 'logs: 16 are followed already; close one'
}
