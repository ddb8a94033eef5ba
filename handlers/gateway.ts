import type { Service } from '../core/config/cluster'
import { ApiError } from '../core/gateway/api-error'
import { HeldError } from '../core/gateway/door'
import { type Entered, otherPath } from '../core/gateway/entrance'
import { fitsPath } from '../core/gateway/fits-path'
import { forward } from '../core/gateway/forward'
import { limitedBytes } from '../core/gateway/limited-body'
import { type ModelField, modelField, withModel } from '../core/gateway/model-field'
import type { Named } from '../core/gateway/names'
import { untilEnd } from '../core/gateway/until-end'
import type { Upstream } from '../core/gateway/upstream'
import type { Runtime } from '../core/runtime'
import type { Endpoint, Kind } from './kind'
import { loadingStream, wantsLoading } from './loading-stream'

/** One generated path: the services that serve it. */
export interface GeneratedPath {
  method: string
  path: string
  serves: { service: Service; endpoint: Endpoint }[]
}

const maxJsonBytes = 64 * 1024 * 1024
const defaultIdleMs = 300_000
const longestHoldS = 600

/** A request whose `model` was found in its text. */
interface Asked {
  text: string
  field: ModelField
  request: Request
  requestId: string
}

/** Everything the declared services put on the shared surface, from their kinds; nothing is listed twice. */
export function generatedPaths(runtime: Runtime, kinds: Kind[]): GeneratedPath[] {
  const paths = new Map<string, GeneratedPath>()
  for (const service of runtime.cluster.services.filter((each) => !each.disabled)) {
    const kind = kinds.find((each) => each.kind === service.kind)
    for (const endpoint of kind?.endpoints(service) ?? []) {
      const name = `${endpoint.method} ${endpoint.path}`
      const known = paths.get(name) ?? { method: endpoint.method, path: endpoint.path, serves: [] }
      known.serves.push({ service, endpoint })
      paths.set(name, known)
    }
  }
  return [...paths.values()]
}

/** Makes the handler of one generated path: finds the service, by `model` where several may serve, and passes on. */
export function gateway({ serves, path }: GeneratedPath, runtime: Runtime) {
  const { door, entrance } = runtime
  const byModel = serves.some(({ endpoint }) => endpoint.byModel)
  const only = serves[0]

  return async function passOn(request: Request, requestId: string): Promise<Response> {
    if (!only) throw new ApiError(404, 'not_found', 'path: nothing is served here; see /openapi.json')
    if (!byModel) {
      const leave = door.pass(only.service.id) ?? (await held(only.service, request))
      return send(only, request, requestId, leave)
    }
    if (request.headers.has('content-encoding'))
      throw new ApiError(415, 'unsupported_encoding', 'content-encoding: is not taken here; send the body as it is')
    const read = await limitedBytes(request, maxJsonBytes)
    const bytes = read.length
    const text = new TextDecoder().decode(read)
    const field = modelField(text)
    if (!field) throw new ApiError(...modelMissing(text))
    const at = { text, field, request, requestId }
    const entered = entrance.now(field.model)
    if (entered) return answer(entered, at)
    const token = request.headers.get('x-swap-token')
    const caller = { signal: request.signal, holdMs: holdMs(request), token, bytes, fits }
    if (path === '/v1/chat/completions' && wantsLoading(request, text))
      return loadingStream({
        model: field.model,
        caller,
        wait: entrance.wait,
        answer: (late) => answer(late, at),
      })
    return answer(await entrance.wait(field.model, caller), at)
  }

  async function answer({ named, leave }: Entered, { text, field, request, requestId }: Asked): Promise<Response> {
    const serve = serves.find(({ service }) => service.id === named.service.id)
    if (!serve) {
      leave()
      throw otherPath(named)
    }
    const name = named.upstreamName ?? field.model
    const body = name === field.model ? text : withModel(text, field, name)
    const answered = await send(serve, request, requestId, leave, body, name)
    // What an engine calls itself may hold what a header can't.
    if (/^[\x21-\x7e]{1,256}$/.test(named.repo)) answered.headers.set('x-spark-model', named.repo)
    return answered
  }

  /** It may be loaded into any service that takes models. */
  function fits({ capabilities }: Named): boolean {
    const served = serves.some(({ service: { id } }) => runtime.swappable.some((each) => each.id === id))
    return served && fitsPath(path, capabilities)
  }

  /** @throws {ApiError} 499, 503 */
  async function held({ id }: Service, request: Request): Promise<() => void> {
    const { signal } = request
    try {
      return await door.enter(id, { signal, holdMs: holdMs(request) })
    } catch (error) {
      if (signal.aborted) throw new ApiError(499, 'client_closed', 'the client went away')
      if (!(error instanceof HeldError)) throw error
      throw new ApiError(503, 'service_changing', `${id}: is being changed; try again shortly`, { retryAfter: 5 })
    }
  }

  function holdMs(request: Request): number {
    const asked = request.headers.get('x-wait')
    const seconds = asked && /^\d{1,6}$/.test(asked) ? Math.min(Number(asked), longestHoldS) : runtime.cluster.holdS
    return seconds * 1000
  }

  /** @param leave called when nothing of it is passed on any more */
  async function send(
    { service, endpoint }: GeneratedPath['serves'][number],
    request: Request,
    requestId: string,
    leave: () => void,
    body?: string,
    model: string | null = null,
  ): Promise<Response> {
    try {
      const upstream = upstreamOf(service, endpoint, model)
      if (endpoint.handle) return untilEnd(await endpoint.handle(request, upstream), leave)
      upstream.onEnd = leave
      return await forward(request, upstream, { path: endpoint.to, requestId, body })
    } catch (error) {
      leave()
      throw error
    }
  }

  function upstreamOf(service: Service, endpoint: Endpoint, model: string | null): Upstream {
    const head = service.hosts[0]
    const address = head ? runtime.hosts.get(head.id)?.address : null
    if (!head || !address)
      throw new ApiError(503, 'host_unknown', `${service.id}: its host has no address yet; try again shortly`, {
        retryAfter: 5,
      })
    const seen = runtime.observed.host(head.id)
    if (seen?.state === 'unreachable' && runtime.observed.service(service.id)?.state === 'unknown')
      throw new ApiError(
        503,
        'host_down',
        `${service.id}: ${seen.cause ?? 'its host cannot be reached'}; look at its tile`,
        {
          retryAfter: 15,
        },
      )
    return {
      service: service.id,
      host: head.id,
      origin: `http://${address}:${service.port}`,
      model,
      idleMs: endpoint.idleMs ?? defaultIdleMs,
      onAnswer: () => runtime.observed.traffic(service.id),
    }
  }
}

function modelMissing(text: string): [number, string, string, { param?: string }] {
  try {
    JSON.parse(text)
  } catch {
    return [400, 'malformed_json', 'body: is not valid JSON; correct its syntax', {}]
  }
  return [400, 'model_missing', 'body.model: is missing; name one of GET /v1/models', { param: 'model' }]
}
