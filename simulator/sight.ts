import { noFacts } from '../core/cluster/host-record'
import type { ContainerFact, HostFacts, HostView, ServiceView } from '../core/cluster/snapshot'
import type { Service } from '../core/config/cluster'
import type { SwapSight } from '../core/swap/steps/step'
import type { Life } from './life'
import type { Line } from './line'
import type { Spark } from './spark'

type Served = NonNullable<ReturnType<SwapSight['serves']>>

// The watch asks about once a second, and more slowly where a host is busy.
const oldestMs = 2000

/** What a controller's watch has seen of the Sparks: it lags behind, and a silent host stays as it was seen last. */
export function sight(
  sparks: Map<string, Spark>,
  lines: Map<string, Line>,
  services: Service[],
  life: Life,
): SwapSight {
  const seen = new Map<string, { at: number; view: HostView }>()
  const served = new Map<string, { at: number; models: Served | null }>()
  const loading = new Set<string>()

  function host(id: string): HostView | undefined {
    const spark = sparks.get(id)
    if (!spark) return undefined
    const now = life.clock.rising()
    const before = seen.get(id)
    if (before && now - before.at < oldestMs) return before.view
    const up = lines.get(id)?.up ?? false
    const facts = up ? factsOf(spark) : (before?.view.facts ?? null)
    const view = viewOf(spark, up, facts)
    seen.set(id, { at: now, view })
    return view
  }

  function serves(id: string): Served | null {
    const service = services.find((each) => each.id === id)
    const head = sparks.get(service?.hosts[0]?.id ?? '')
    if (!service || !head) return null
    const now = life.clock.rising()
    const before = served.get(id)
    if (before && now - before.at < oldestMs) return before.models
    const engine = lines.get(head.host.id)?.up
      ? head.engines().find((each) => each.sparks[0] === head && each.port === service.port && each.state === 'serving')
      : undefined
    const models = engine ? [{ id: engine.serves, root: engine.serves, since: sinceEver }] : null
    served.set(id, { at: now, models })
    return models
  }

  return {
    host,
    hosts: () => [...sparks.keys()].flatMap((id) => host(id) ?? []),
    serves,
    service(id) {
      const service = services.find((each) => each.id === id)
      return service && serviceView(service, loading.has(id) ? 'starting' : serves(id) ? 'up' : 'stopped')
    },
    gone(id) {
      seen.delete(id)
    },
    loading(id, on) {
      if (on) loading.add(id)
      else loading.delete(id)
      served.delete(id)
    },
  }
}

const sinceEver = '2026-01-01T00:00:00.000Z'

function factsOf(spark: Spark): HostFacts {
  const containers = spark.containers.all().map(containerFact)
  return {
    ...unknownFacts,
    memory_total_bytes: spark.total,
    memory_available_bytes: spark.available(),
    memory_gpu_bytes: spark.engines().reduce((sum, engine) => sum + engine.holds(spark), 0),
    gpu_processes: spark.engines().map((engine) => ({ pid: 1, name: 'VLLM::EngineCore', bytes: engine.holds(spark) })),
    memory_cached_bytes: 0,
    boot_id: spark.bootId,
    containers,
  }
}

function containerFact({
  name,
  running,
  exit,
}: {
  name: string
  running: boolean
  exit: number | null
}): ContainerFact {
  return {
    name,
    image: 'vllm-node',
    state: running ? 'running' : 'exited',
    health: null,
    started_at: sinceEver,
    exit_code: exit,
    out_of_memory: false,
    crashed: false,
  }
}

function viewOf({ host }: Spark, up: boolean, facts: HostFacts | null): HostView {
  return {
    id: host.id,
    title: host.title,
    address: host.address,
    resolved_address: host.address,
    state: up ? 'up' : 'unreachable',
    since: sinceEver,
    seen_at: sinceEver,
    cause: up ? null : 'does not answer',
    remedy: up ? null : 'look at it',
    host_key: null,
    facts,
  }
}

function serviceView(service: Service, state: ServiceView['state']): ServiceView {
  const { id, kind, title, hosts, port, hidden, disabled } = service
  return {
    id,
    kind,
    title,
    host: hosts[0]?.id ?? '',
    hosts: hosts.map((each) => each.id),
    port,
    state,
    since: sinceEver,
    seen_at: sinceEver,
    cause: null,
    remedy: null,
    facts: [],
    started_at: null,
    hidden,
    disabled,
  }
}

const unknownFacts: HostFacts = { ...noFacts, seen_at: sinceEver }
