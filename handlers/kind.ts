import type { Probe } from '../core/cluster/probe'
import type { DeclaredKind, Service } from '../core/config/cluster'
import type { Upstream } from '../core/gateway/upstream'
import type { ServiceAction } from '../core/services/action'
import { containerActions } from '../core/services/container-actions'

/** One REST endpoint that a service of a kind serves. */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** On this controller, below `/v1/` or `/apps/`. */
  path: string
  /** On the service. */
  to: string
  summary: string
  /** The request's `model` chooses among the services that serve this path. */
  byModel?: boolean
  /** Longest silence of the upstream, in ms. */
  idleMs?: number
  /** Request body to show on the API page and in the OpenAPI document. */
  example?: unknown
  /** Answers by itself instead of passing the request on to `to`. */
  handle?(request: Request, upstream: Upstream): Promise<Response>
}

/** What a handler file in `handlers/services/` exports as `kind`: all there is to know of a service kind. */
export interface Kind extends DeclaredKind {
  /** Makes the way to look at one service. */
  probe(service: Service): Probe
  endpoints(service: Service): Endpoint[]
  /** Capabilities a service of this kind has without saying so in `offers`. */
  offers?: string[]
  /** The arbiter may load models into services of this kind. */
  swappable?: boolean
  /** What a person may do to it; start, stop and restart of its declared container when left out. */
  actions?(service: Service): ServiceAction[]
}

/** The actions of a service by its kind; those of a service that takes models are the arbiter's. */
export function actionsOf(service: Service, kind: Kind | undefined): ServiceAction[] {
  if (!kind || kind.swappable) return []
  return kind.actions?.(service) ?? containerActions(service)
}
