import type { Cluster, Host, Service } from '../config/cluster'
import type { Hub } from '../events/hub'
import type { Link } from './link'
import type { Outcome } from './probe'
import type { Sample } from './sample'
import { type Judgement, serviceState } from './service-state'
import type { HostFacts, HostView, ServiceState, ServiceView } from './snapshot'

/** Everything seen of the cluster, in memory only; each fact carries when it was seen. */
export interface Observed {
  link(host: Host, link: Link, address: string | null): void
  sample(host: Host, sample: Sample): void
  probe(service: Service, outcome: Outcome): void
  /** A swap loads into this service from now on, or no longer. */
  loading(service: string, on: boolean): void
  /** A container was proven gone, ahead of the next sample. */
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
  shown: string
}

interface ServiceRecord {
  service: Service
  judgement: Judgement
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
  disk_total_bytes: null,
  disk_available_bytes: null,
  load_1m: null,
  uptime_s: null,
  boot_id: null,
  vpn_address: null,
  addresses: {},
  containers: [],
}

const unseen: Judgement = { state: 'unknown', cause: 'not looked at yet', remedy: null }

/** Takes in what the watch saw, and publishes what changed for those who look. */
export function observed(cluster: Cluster, hub: Hub, now: () => Date = () => new Date()): Observed {
  const stamp = () => now().toISOString()
  const hosts = new Map(cluster.hosts.map((host) => [host.id, newHost(host)]))
  const services = new Map(cluster.services.map((service) => [service.id, newService(service)]))

  function link(host: Host, next: Link, address: string | null) {
    const record = hosts.get(host.id)
    if (!record) return
    if (record.link.state === 'up' && next.state !== 'up') record.docker = null
    if (next.state === 'up') {
      record.seen = stamp()
      for (const each of services.values()) if (each.service.hosts[0]?.id === host.id) each.fresh = false
    }
    record.link = next
    record.address = address
    showHost(record)
  }

  function sample(host: Host, { facts, docker }: Sample) {
    const record = hosts.get(host.id)
    if (!record) return
    record.seen = stamp()
    record.facts = { ...(record.facts ?? noFacts), ...facts, seen_at: record.seen }
    if (docker !== null) record.docker = docker
    showHost(record)
  }

  function probe(service: Service, outcome: Outcome) {
    const record = services.get(service.id)
    const head = hosts.get(service.hosts[0]?.id ?? '')
    if (!record || !head) return
    const linked = head.link.state === 'up'
    const containers = linked && head.docker ? (head.facts?.containers ?? []) : null
    const judgement = serviceState({
      service,
      outcome,
      linked,
      containers,
      loading: record.loading,
      previous: record.judgement.state,
    })
    if (judgement.state !== record.judgement.state) record.since = stamp()
    if (judgement.state !== 'unknown') record.seen = stamp()
    record.judgement = judgement
    if (outcome.kind === 'answered') record.facts = outcome.finding.facts ?? []
    else if (!alive(judgement.state)) record.facts = []
    record.models = servedModels(record, outcome, judgement.state)
    // Until docker has answered once, "the port is closed" can't be told from "stopped".
    record.fresh =
      record.fresh || outcome.kind === 'answered' || containers !== null || !service.container || head.docker === false
    showService(record)
    showHost(head)
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
    if (on && record.judgement.state !== 'starting') {
      record.judgement = { state: 'starting', cause: 'the model is being changed', remedy: null }
      record.since = stamp()
    }
    showService(record)
  }

  function gone(id: string, container: string) {
    const record = hosts.get(id)
    if (!record?.facts) return
    record.facts = { ...record.facts, containers: record.facts.containers.filter((each) => each.name !== container) }
    showHost(record)
  }

  function hostView({ host, link, address, seen, facts, since }: HostRecord): HostView {
    const watched = [...services.values()].filter(
      (each) => each.service.hosts[0]?.id === host.id && !each.service.disabled,
    )
    const looked = facts !== null && watched.every((each) => each.fresh)
    const { state, cause, remedy } =
      link.state !== 'up' || looked
        ? link
        : { state: 'unknown' as const, cause: 'connected; looking at what runs there', remedy: null }
    return {
      id: host.id,
      title: host.title,
      address: host.address,
      resolved_address: address,
      state,
      since,
      seen_at: seen,
      cause,
      remedy,
      facts,
    }
  }

  function showHost(record: HostRecord) {
    const before = record.shown
    record.shown = hostView(record).state
    if (record.shown !== before) record.since = stamp()
    hub.publish('host', hostView(record))
  }

  function showService(record: ServiceRecord) {
    const view = serviceView(record)
    const shown = JSON.stringify({ ...view, seen_at: null })
    if (shown === record.shown) return
    record.shown = shown
    hub.publish('service', view)
  }

  const view = <R, V>(record: R | undefined, make: (record: R) => V) => (record ? make(record) : undefined)
  return {
    link,
    sample,
    probe,
    loading,
    gone,
    host: (id) => view(hosts.get(id), hostView),
    service: (id) => view(services.get(id), serviceView),
    hosts: () => [...hosts.values()].map(hostView),
    services: () => [...services.values()].map(serviceView),
    serves: (id) => services.get(id)?.models ?? null,
  }

  function newHost(host: Host): HostRecord {
    const link: Link = { state: 'unknown', code: 'never_tried', cause: 'not looked at yet', remedy: null }
    return { host, link, address: null, since: stamp(), seen: null, facts: null, docker: null, shown: 'unknown' }
  }

  function newService(service: Service): ServiceRecord {
    return {
      service,
      judgement: unseen,
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

function serviceView({ service, judgement, since, seen, facts }: ServiceRecord): ServiceView {
  return {
    id: service.id,
    kind: service.kind,
    title: service.title,
    host: service.hosts[0]?.id ?? '',
    hosts: service.hosts.map((host) => host.id),
    port: service.port,
    state: judgement.state,
    since,
    seen_at: seen,
    cause: judgement.cause,
    remedy: judgement.remedy,
    facts,
    hidden: service.hidden,
    disabled: service.disabled,
  }
}

function alive(state: ServiceState): boolean {
  return state === 'up' || state === 'busy' || state === 'stalled'
}
