import type { Service } from '../core/config/cluster'
import { ApiError } from '../core/gateway/api-error'
import { forward } from '../core/gateway/forward'
import { limitedBytes } from '../core/gateway/limited-body'
import { modelField, withModel } from '../core/gateway/model-field'
import type { Nameable } from '../core/gateway/names'
import type { Upstream } from '../core/gateway/upstream'
import type { Runtime } from '../core/runtime'
import type { Endpoint, Kind } from './kind'

/** One generated path: the services that serve it. */
export interface GeneratedPath {
  method: string
  path: string
  serves: { service: Service; endpoint: Endpoint }[]
}

const maxJsonBytes = 64 * 1024 * 1024
const defaultIdleMs = 300_000

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
export function gateway({ serves }: GeneratedPath, runtime: Runtime) {
  return async function passOn(request: Request, requestId: string): Promise<Response> {
    const byModel = serves.some(({ endpoint }) => endpoint.byModel)
    const only = serves[0]
    if (!only) throw new ApiError(404, 'not_found', 'path: nothing is served here; see /openapi.json')
    if (!byModel) return send(only, request, requestId)
    if (request.headers.has('content-encoding'))
      throw new ApiError(415, 'unsupported_encoding', 'content-encoding: is not taken here; send the body as it is')
    const text = new TextDecoder().decode(await limitedBytes(request, maxJsonBytes))
    const field = modelField(text)
    if (!field) throw new ApiError(...modelMissing(text))
    const { serve, named } = chosen(field.model)
    const name = named.upstreamName ?? field.model
    const body = name === field.model ? text : withModel(text, field, name)
    const answer = await send(serve, request, requestId, body, name)
    // What an engine calls itself may hold what a header can't.
    if (/^[\x21-\x7e]{1,256}$/.test(named.repo)) answer.headers.set('x-spark-model', named.repo)
    return answer
  }

  function chosen(model: string) {
    const named = runtime.resolve(model)
    if (!named) {
      throw new ApiError(
        404,
        'model_not_found',
        `model: ${JSON.stringify(model.slice(0, 100))} is not known here; GET /v1/models lists what is`,
        { param: 'model' },
      )
    }
    if (named.upstreamName === null) throw notLoaded(model, named)
    const serve = serves.find(({ service }) => service.id === named.service.id)
    if (!serve) {
      throw new ApiError(
        404,
        'model_not_found',
        `model: ${named.repo} does not serve this path; GET /v1/models tells what it can`,
        { param: 'model' },
      )
    }
    return { serve, named }
  }

  function notLoaded(asked: string, { repo, service, recipe }: Nameable): ApiError {
    const meant = asked === repo || asked === recipe?.id ? repo : JSON.stringify(asked)
    const swap = runtime.arbiter.current()
    if (swap && swap.ended_at === null && swap.service === service.id) {
      const eta = swap.eta_s ?? 30
      const what =
        swap.recipe === recipe?.id ? `${repo} is being loaded` : `a swap to ${swap.recipe ?? 'nothing'} is running`
      return new ApiError(503, 'model_loading', `model: ${what}; try again in ${eta} s`, {
        param: 'model',
        retryAfter: Math.min(eta, 120),
        more: { job: swap.id, eta_s: eta },
      })
    }
    const state = runtime.observed.service(service.id)?.state ?? 'unknown'
    const text = recipe
      ? `model: nothing that serves ${meant} is loaded; swap to ${recipe.id} first`
      : `model: ${meant} is not available now (${service.id} is ${state}); look at its tile`
    return new ApiError(503, 'model_not_loaded', text, { param: 'model', retryAfter: 30 })
  }

  async function send(
    { service, endpoint }: GeneratedPath['serves'][number],
    request: Request,
    requestId: string,
    body?: string,
    model: string | null = null,
  ) {
    const upstream = upstreamOf(service, endpoint, model)
    if (endpoint.handle) return endpoint.handle(request, upstream)
    return forward(request, upstream, { path: endpoint.to, requestId, body })
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
