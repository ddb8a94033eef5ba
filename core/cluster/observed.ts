import type { Cluster, Host, Service } from '../config/cluster'
import type { Hub } from '../events/hub'
import { factsWith, type HostRecord, hostView, newHost, noticed, withoutFigures } from './host-record'
import type { Link } from './link'
import type { Outcome } from './probe'
import { mayServe, newService, type ServedModel, type ServiceRecord, servedModels, serviceView } from './service-record'
import { type Elsewhere, type Judgement, serviceState } from './service-state'
import type { ContainerFact, FactView, HostFacts, HostView, ServiceView } from './snapshot'
import { newVitals, vitalsAfter } from './vitals'

/** Everything seen of the cluster, in memory only; each fact carries when it was seen. */
export interface Observed {
  link(host: Host, link: Link, address: string | null): void
  sample(host: Host, facts: Partial<HostFacts>): void
  /** The link is up, and no figures come. */
  blind(host: Host): void
  /** The host's containers; null when docker did not answer. */
  containers(host: Host, containers: ContainerFact[] | null): void
  probe(service: Service, outcome: Outcome): void
  /** What was found when a service was looked for where it is not declared. */
  elsewhere(service: Service, found: Elsewhere | null): void
  /** How many looks in a row brought nothing good. */
  misses(service: string): number
  /** Bytes of a good answer of this service just passed through the gateway. */
  traffic(service: string): void
  /** A swap loads into this service from now on, or no longer. */
  loading(service: string, on: boolean): void
  /** A container was proven gone, ahead of docker's own word. */
  gone(host: string, container: string): void
  host(id: string): HostView | undefined
  service(id: string): ServiceView | undefined
  hosts(): HostView[]
  services(): ServiceView[]
  /** What the service's port said it serves; null while nothing answers. */
  serves(service: string): ServedModel[] | null
}

/** A state that ended and the one that began. */
export interface Change {
  subject: { host: string } | { service: string; host: string }
  from: string
  to: string
  /** ms since the epoch; a lost link is noticed later than it was lost. */
  at: number
  cause: string | null
  remedy: string | null
}

export interface ObservedOptions {
  cluster: Cluster
  hub: Hub
  onChange?(change: Change): void
  /** Told of what two samples of a host together show. */
  onNotice?(notice: { type: 'restart' | 'notice'; host: string; text: string }): void
  /** Since when a subject is in that state by what was recorded, ms since the epoch; a reload does not begin it anew. */
  sinceOf?(subject: string, state: string): number | null
  /** Told of figures as they come: a host's about once a second, a service's with each good answer. */
  onFigures?(seen: { host: HostFacts & { id: string } } | { service: string; facts: FactView[] }): void
  /** Wall clock, ms since the epoch. */
  now?: () => number
  /** A clock that nobody sets, ms. */
  rising?: () => number
}

/** Takes in what the watch saw, and publishes what changed for those who look. */
export function observed(options: ObservedOptions): Observed {
  const {
    cluster,
    hub,
    onChange = () => {},
    onNotice = () => {},
    sinceOf = () => null,
    onFigures = () => {},
    now = Date.now,
    rising = () => performance.now(),
  } = options
  const stamp = (at = now()) => new Date(at).toISOString()
  const hosts = new Map(cluster.hosts.map((host) => [host.id, newHost(host, stamp())]))
  const services = new Map(cluster.services.map((service) => [service.id, newService(service, stamp(), rising())]))
  const headOf = (service: Service) => hosts.get(service.hosts[0]?.id ?? '')

  function link(host: Host, next: Link, address: string | null) {
    const record = hosts.get(host.id)
    if (!record) return
    const before = record.link.state
    record.link = next
    record.address = address
    if (before === 'up' && next.state !== 'up') Object.assign(record, { docker: null, sampled: false, blind: false })
    if (next.state === 'up') record.seen = stamp()
    for (const each of servicesOf(record)) {
      // What was asked over a dead link tells nothing of the service.
      if (next.state === 'up') Object.assign(each, { fresh: false, outcome: null, vitals: newVitals(rising()) })
      else if (before === 'up') judge(each, stamp())
    }
    showHost(record, next.since || now())
  }

  function sample(host: Host, facts: Partial<HostFacts>) {
    const record = hosts.get(host.id)
    if (!record) return
    if (record.facts) for (const notice of noticed(record.facts, facts)) onNotice({ ...notice, host: host.id })
    record.seen = stamp()
    record.facts = factsWith(record.facts, facts, record.seen)
    // The GPU tells between two samples; one set of figures a second is enough.
    if (facts.memory_total_bytes === undefined) return showHost(record)
    Object.assign(record, { sampled: true, blind: false })
    onFigures({ host: { ...record.facts, id: host.id } })
    showHost(record)
  }

  function blind(host: Host) {
    const record = hosts.get(host.id)
    if (!record || record.blind) return
    record.blind = true
    if (record.facts) record.facts = withoutFigures(record.facts)
    showHost(record)
  }

  function containers(host: Host, found: ContainerFact[] | null) {
    const record = hosts.get(host.id)
    if (!record) return
    record.docker = found !== null
    if (found) record.facts = factsWith(record.facts, { containers: found }, stamp())
    for (const each of servicesOf(record)) {
      if (!each.service.container || !each.outcome) continue
      each.fresh = true
      judge(each, stamp())
    }
    showHost(record)
  }

  function servicesOf(record: HostRecord): ServiceRecord[] {
    return [...services.values()].filter((each) => each.service.hosts[0]?.id === record.host.id)
  }

  function probe(service: Service, outcome: Outcome) {
    const record = services.get(service.id)
    const head = headOf(service)
    if (!record || !head) return
    record.outcome = outcome
    record.vitals = vitalsAfter(record.vitals, outcome, rising(), record.trafficAt)
    if (outcome.kind === 'answered')
      record.elsewhere = record.elsewhere?.kind === 'other_port' ? null : record.elsewhere
    judge(record, stamp())
    if (outcome.kind === 'answered') onFigures({ service: service.id, facts: record.facts })
    record.models = servedModels(record, outcome, record.judgement.state, stamp())
    // Until docker has answered once, "the port is closed" can't be told from "stopped".
    record.fresh =
      record.fresh ||
      outcome.kind === 'answered' ||
      head.docker !== null ||
      !service.container ||
      head.link.state !== 'up'
    showService(record)
    if (head.state === 'unknown') showHost(head)
  }

  /** Judges a service anew by its latest look and what is known around it. */
  function judge(record: ServiceRecord, at: string) {
    const { service, outcome, vitals } = record
    const head = headOf(service)
    if (!outcome || !head) return
    const linked = head.link.state === 'up'
    // docker is asked as soon as the link is up; a verdict without it would be taken back a moment later.
    const byContainer = service.container !== null && (outcome.kind !== 'answered' || service.port === 0)
    if (byContainer && linked && head.docker === null) return
    const known = linked && head.docker ? (head.facts?.containers ?? []) : null
    const started = startOf(record)
    const judgement = serviceState({
      service,
      outcome,
      vitals,
      now: rising(),
      linked,
      containers: known,
      startedForMs: known === null || started === null ? null : now() - started,
      loading: record.loading,
      previous: record.judgement.state,
      elsewhere: record.elsewhere,
    })
    become(record, judgement)
    if (judgement.state !== 'unknown') record.seen = at
    if (outcome.kind === 'answered') record.facts = outcome.finding.facts ?? []
    else if (!mayServe(judgement.state)) record.facts = []
    showService(record)
  }

  function become(record: ServiceRecord, judgement: Judgement) {
    const from = record.judgement.state
    record.judgement = judgement
    if (judgement.state === from) return
    const { id, hosts: on } = record.service
    record.since = stamp(from === 'unknown' ? (sinceOf(`service:${id}`, judgement.state) ?? undefined) : undefined)
    const { state: to, cause, remedy } = judgement
    onChange({ subject: { service: id, host: on[0]?.id ?? '' }, from, to, at: now(), cause, remedy })
  }

  function elsewhere(service: Service, found: Elsewhere | null) {
    const record = services.get(service.id)
    if (!record || JSON.stringify(record.elsewhere) === JSON.stringify(found)) return
    record.elsewhere = found
    judge(record, stamp())
  }

  function loading(id: string, on: boolean) {
    const record = services.get(id)
    if (!record) return
    record.loading = on
    if (on) become(record, { state: 'starting', cause: 'the model is being changed', remedy: null })
    showService(record)
  }

  function gone(id: string, container: string) {
    const record = hosts.get(id)
    if (!record?.facts) return
    containers(
      record.host,
      record.facts.containers.filter((each) => each.name !== container),
    )
  }

  function viewOfHost(record: HostRecord): HostView {
    const watched = servicesOf(record).filter(({ service }) => !service.disabled)
    return hostView(
      record,
      watched.every(({ fresh }) => fresh),
    )
  }

  /** @param at when it became so, where that is known better than "now" */
  function showHost(record: HostRecord, at = now()) {
    const { state: to, cause, remedy } = viewOfHost(record)
    const from = record.state
    if (to !== from) {
      record.state = to
      // While what runs there is looked at for the first time the host was up already.
      const since = from === 'unknown' && to === 'up' ? record.link.since : at
      record.since = stamp(from === 'unknown' ? (sinceOf(`host:${record.host.id}`, to) ?? since) : since)
      if (to !== 'unknown') onChange({ subject: { host: record.host.id }, from, to, at: since, cause, remedy })
    }
    hub.publish('host', viewOfHost(record))
  }

  /** When its container started, ms since the epoch by this controller's clock. */
  function startOf({ service }: ServiceRecord): number | null {
    const facts = headOf(service)?.facts
    const started = facts?.containers.find((each) => each.name === service.container)?.started_at
    return started ? Date.parse(started) - (facts?.clock_skew_s ?? 0) * 1000 : null
  }

  function viewOf(record: ServiceRecord): ServiceView {
    const started = startOf(record)
    return serviceView(record, started === null ? null : stamp(started))
  }

  function showService(record: ServiceRecord) {
    const view = viewOf(record)
    const shown = JSON.stringify({ ...view, seen_at: null })
    if (shown === record.shown) return
    record.shown = shown
    hub.publish('service', view)
  }

  const view = <R, V>(record: R | undefined, make: (record: R) => V) => (record ? make(record) : undefined)
  return {
    link,
    sample,
    blind,
    containers,
    probe,
    elsewhere,
    misses: (id) => services.get(id)?.vitals.misses ?? 0,
    traffic(id) {
      const record = services.get(id)
      if (record) record.trafficAt = rising()
    },
    loading,
    gone,
    host: (id) => view(hosts.get(id), viewOfHost),
    service: (id) => view(services.get(id), viewOf),
    hosts: () => [...hosts.values()].map(viewOfHost),
    services: () => [...services.values()].map(viewOf),
    serves: (id) => services.get(id)?.models ?? null,
  }
}
