import type { Cluster, Host, Service } from '../config/cluster'
import type { Hub } from '../events/hub'
import type { Link } from './link'
import { neverTried } from './link'
import type { Outcome } from './probe'
import { type Elsewhere, type Judgement, serviceState } from './service-state'
import type { ContainerFact, FactView, HostFacts, HostState, HostView, ServiceState, ServiceView } from './snapshot'
import { newVitals, type Vitals, vitalsAfter } from './vitals'

/** Everything seen of the cluster, in memory only; each fact carries when it was seen. */
export interface Observed {
  link(host: Host, link: Link, address: string | null): void
  sample(host: Host, facts: Partial<HostFacts>): void
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
  serves(service: string): { id: string; root: string; since: string }[] | null
}

interface HostRecord {
  host: Host
  link: Link
  address: string | null
  since: string | null
  seen: string | null
  facts: HostFacts | null
  docker: boolean | null
  /** Did it tell its figures since its link came up? What was seen before a reboot says nothing. */
  sampled: boolean
  /** The state as it was published last, and its text. */
  state: HostState
}

interface ServiceRecord {
  service: Service
  judgement: Judgement
  outcome: Outcome | null
  vitals: Vitals
  trafficAt: number
  elsewhere: Elsewhere | null
  since: string | null
  seen: string | null
  /** Was it probed since its host's link came up? */
  fresh: boolean
  loading: boolean
  facts: ServiceView['facts']
  models: { id: string; root: string; since: string }[] | null
  shown: string
}

const noFacts: HostFacts = {
  seen_at: '',
  memory_total_bytes: null,
  memory_available_bytes: null,
  memory_gpu_bytes: null,
  gpu_name: null,
  gpu_utilization_percent: null,
  gpu_temperature_c: null,
  gpu_power_w: null,
  gpu_clock_mhz: null,
  gpu_throttled: null,
  gpu_driver: null,
  gpu_processes: [],
  memory_cached_bytes: null,
  swap_used_bytes: null,
  memory_pressure_percent: null,
  cpu_percent: null,
  temperature_c: null,
  disk_total_bytes: null,
  disk_available_bytes: null,
  load_1m: null,
  uptime_s: null,
  boot_id: null,
  vpn_address: null,
  addresses: {},
  network: {},
  clock_skew_s: null,
  oom_kills: null,
  kernel_trouble: null,
  containers: [],
}

const unseen: Judgement = { state: 'unknown', cause: 'not looked at yet', remedy: null }

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
    onFigures = () => {},
    now = Date.now,
    rising = () => performance.now(),
  } = options
  const stamp = (at = now()) => new Date(at).toISOString()
  const hosts = new Map(cluster.hosts.map((host) => [host.id, newHost(host)]))
  const services = new Map(cluster.services.map((service) => [service.id, newService(service)]))
  const headOf = (service: Service) => hosts.get(service.hosts[0]?.id ?? '')

  function link(host: Host, next: Link, address: string | null) {
    const record = hosts.get(host.id)
    if (!record) return
    const before = record.link.state
    record.link = next
    record.address = address
    if (before === 'up' && next.state !== 'up') Object.assign(record, { docker: null, sampled: false })
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
    record.facts = { ...(record.facts ?? noFacts), ...facts, seen_at: record.seen }
    // The GPU tells between two samples; one set of figures a second is enough.
    if (facts.memory_total_bytes === undefined) return showHost(record)
    record.sampled = true
    onFigures({ host: { ...record.facts, id: host.id } })
    showHost(record)
  }

  function containers(host: Host, found: ContainerFact[] | null) {
    const record = hosts.get(host.id)
    if (!record) return
    record.docker = found !== null
    if (found) record.facts = { ...(record.facts ?? noFacts), containers: found, seen_at: stamp() }
    for (const each of servicesOf(record)) if (each.service.container) judge(each, stamp())
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
    record.models = servedModels(record, outcome, record.judgement.state)
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
    else if (!alive(judgement.state)) record.facts = []
    showService(record)
  }

  function become(record: ServiceRecord, judgement: Judgement) {
    const from = record.judgement.state
    record.judgement = judgement
    if (judgement.state === from) return
    record.since = stamp()
    const { id, hosts: on } = record.service
    const { state: to, cause, remedy } = judgement
    onChange({ subject: { service: id, host: on[0]?.id ?? '' }, from, to, at: now(), cause, remedy })
  }

  function elsewhere(service: Service, found: Elsewhere | null) {
    const record = services.get(service.id)
    if (!record || JSON.stringify(record.elsewhere) === JSON.stringify(found)) return
    record.elsewhere = found
    judge(record, stamp())
  }

  function servedModels(record: ServiceRecord, outcome: Outcome, state: ServiceState) {
    if (outcome.kind !== 'answered') return alive(state) ? record.models : null
    const models = outcome.finding.models ?? []
    return models.map((model) => ({
      ...model,
      since: record.models?.find((each) => each.root === model.root)?.since ?? stamp(),
    }))
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

  function hostView({ host, link, address, seen, facts, since, docker, sampled }: HostRecord): HostView {
    const watched = [...services.values()].filter(
      (each) => each.service.hosts[0]?.id === host.id && !each.service.disabled,
    )
    const looked = sampled && docker !== null && watched.every((each) => each.fresh)
    const { state, cause, remedy } =
      link.state !== 'up' || looked
        ? link
        : { state: 'unknown' as const, cause: 'connected; looking at what runs there', remedy: null }
    const dockerless = state === 'up' && docker === false
    return {
      id: host.id,
      title: host.title,
      address: host.address,
      resolved_address: address,
      state,
      since,
      seen_at: seen,
      cause: dockerless ? 'docker does not answer' : cause,
      remedy: dockerless ? dockerRemedy(host.user) : remedy,
      host_key: link.hostKey ?? null,
      facts,
    }
  }

  /** @param at when it became so, where that is known better than "now" */
  function showHost(record: HostRecord, at = now()) {
    const { state: to, cause, remedy } = hostView(record)
    const from = record.state
    if (to !== from) {
      record.state = to
      // While what runs there is looked at for the first time the host was up already.
      const since = from === 'unknown' && to === 'up' ? record.link.since : at
      record.since = stamp(since)
      if (to !== 'unknown') onChange({ subject: { host: record.host.id }, from, to, at: since, cause, remedy })
    }
    hub.publish('host', hostView(record))
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
    host: (id) => view(hosts.get(id), hostView),
    service: (id) => view(services.get(id), viewOf),
    hosts: () => [...hosts.values()].map(hostView),
    services: () => [...services.values()].map(viewOf),
    serves: (id) => services.get(id)?.models ?? null,
  }

  function newHost(host: Host): HostRecord {
    const link: Link = { ...neverTried, cause: 'not looked at yet' }
    return {
      host,
      link,
      address: null,
      since: stamp(),
      seen: null,
      facts: null,
      docker: null,
      sampled: false,
      state: 'unknown',
    }
  }

  function newService(service: Service): ServiceRecord {
    return {
      service,
      judgement: unseen,
      outcome: null,
      vitals: newVitals(rising()),
      trafficAt: 0,
      elsewhere: null,
      since: stamp(),
      seen: null,
      fresh: false,
      loading: false,
      facts: [],
      models: null,
      shown: '',
    }
  }
}

function serviceView(record: ServiceRecord, started_at: string | null): ServiceView {
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

function alive(state: ServiceState): boolean {
  return state === 'up' || state === 'busy' || state === 'stalled'
}

function dockerRemedy(user: string): string {
  return `is docker running there (systemctl status docker), and ${user} in the group docker (sudo usermod -aG docker ${user})?`
}

function noticed(before: HostFacts, now: Partial<HostFacts>): { type: 'restart' | 'notice'; text: string }[] {
  if (before.boot_id && now.boot_id && now.boot_id !== before.boot_id) {
    return [{ type: 'restart', text: 'it was restarted: its boot id is another' }]
  }
  const kills = (now.oom_kills ?? 0) - (before.oom_kills ?? Number.POSITIVE_INFINITY)
  if (!(kills > 0)) return []
  return [
    { type: 'notice', text: `its kernel ended ${kills} ${kills === 1 ? 'program' : 'programs'} for want of memory` },
  ]
}
