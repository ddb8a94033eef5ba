import type { Service } from '../config/cluster'
import type { Outcome } from './probe'
import type { Elsewhere, Judgement } from './service-state'
import type { ServiceState, ServiceView } from './snapshot'
import { newVitals, type Vitals } from './vitals'

/** A model that a service said it serves. */
export interface ServedModel {
  id: string
  root: string
  since: string
}

/** What is known of one service. */
export interface ServiceRecord {
  service: Service
  judgement: Judgement
  /** The latest look; null when there was none since its host's link came up. */
  outcome: Outcome | null
  vitals: Vitals
  /** When bytes of it last passed through the gateway, on the clock of the vitals. */
  trafficAt: number
  elsewhere: Elsewhere | null
  since: string | null
  seen: string | null
  /** Was it probed since its host's link came up? */
  fresh: boolean
  loading: boolean
  facts: ServiceView['facts']
  models: ServedModel[] | null
  /** As it was published last, to publish only what changed. */
  shown: string
}

/** @param since RFC 3339 @param rising ms on a clock that nobody sets */
export function newService(service: Service, since: string, rising: number): ServiceRecord {
  return {
    service,
    judgement: { state: 'unknown', cause: 'not looked at yet', remedy: null },
    outcome: null,
    vitals: newVitals(rising),
    trafficAt: 0,
    elsewhere: null,
    since,
    seen: null,
    fresh: false,
    loading: false,
    facts: [],
    models: null,
    shown: '',
  }
}

/** A service as callers see it. @param started_at when its container started, RFC 3339 */
export function serviceView(record: ServiceRecord, started_at: string | null): ServiceView {
  const { service, judgement, since, seen, facts } = record
  return {
    id: service.id,
    kind: service.kind,
    title: service.title,
    host: service.hosts[0]?.id ?? '',
    hosts: service.hosts.map((host) => host.id),
    port: service.port || null,
    state: judgement.state,
    since,
    seen_at: seen,
    cause: judgement.cause,
    remedy: judgement.remedy,
    facts,
    started_at,
    hidden: service.hidden,
    disabled: service.disabled,
  }
}

/** The models after a look; one that is served on keeps its beginning. @param now RFC 3339 */
export function servedModels(
  { models }: ServiceRecord,
  outcome: Outcome,
  state: ServiceState,
  now: string,
): ServedModel[] | null {
  if (outcome.kind !== 'answered') return mayServe(state) ? models : null
  return (outcome.finding.models ?? []).map((model) => ({
    ...model,
    since: models?.find((each) => each.root === model.root)?.since ?? now,
  }))
}

/** Whether what it served a moment ago may still be served. */
export function mayServe(state: ServiceState): boolean {
  return state === 'up' || state === 'busy' || state === 'stalled'
}
