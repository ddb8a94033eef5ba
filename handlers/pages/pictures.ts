import type { HostView, ServiceView } from '../../core/cluster/snapshot'
import { metricName } from '../../core/history/figures'
import { type Strip, strip } from '../../core/history/strip'
import type { Runtime } from '../../core/runtime'
import { hostMetrics } from '../../views/format/metric'
import type { SparklineView } from '../../views/page-data'

/** What was, as the pages draw it, by subject. */
export interface Pictures {
  sparklines: Record<string, SparklineView[]>
  strips: Record<string, Strip>
}

const onTiles = ['memory_used_bytes', 'gpu_utilization_percent', 'gpu_temperature_c']
const sparklineMs = 15 * 60_000
const sparklinePoints = 60
const dayMs = 24 * 3600_000
const piecesOfDay = 96
const linesFreshMs = 1000
const stripsFreshMs = 10_000

/** Pictures of everything on the overview; made once for all viewers, since each of them asks four times a second. */
export function pictures(runtime: Runtime): Pictures {
  return {
    sparklines: fresh(lines, runtime, linesFreshMs, () => ({
      ...byId('host', runtime.observed.hosts(), (host) => hostSparklines(runtime, host, onTiles)),
      ...byId('service', runtime.observed.services(), (service) => serviceSparklines(runtime, service)),
    })),
    strips: fresh(strips, runtime, stripsFreshMs, () => ({
      ...byId('host', runtime.cluster.hosts, ({ id }) => subjectStrip(runtime, `host:${id}`)),
      ...byId('service', runtime.cluster.services, ({ id }) => subjectStrip(runtime, `service:${id}`)),
    })),
  }
}

/** How a subject stood until now. */
export function subjectStrip(runtime: Runtime, subject: string, spanMs = dayMs, count = piecesOfDay): Strip {
  const now = Date.now()
  return strip(runtime.history.states(subject, now - spanMs, now), spanMs, count, now)
}

/** The last 15 minutes of a host's metrics, of those that it tells. */
export function hostSparklines(runtime: Runtime, host: HostView, only?: string[]): SparklineView[] {
  const total = host.facts?.memory_total_bytes ?? null
  return hostMetrics
    .filter(({ metric }) => only?.includes(metric) ?? true)
    .map(({ metric, label, unit }) => ({ metric, label, unit, values: recentOf(runtime, host.id, metric, total) }))
}

/** A host says what is free; a person asks what is used. */
function recentOf(runtime: Runtime, host: string, metric: string, total: number | null): (number | null)[] {
  const of = (name: string) => runtime.history.recent(`host:${host}`, name, sparklineMs, sparklinePoints)
  if (metric !== 'memory_used_bytes') return of(metric)
  return of('memory_available_bytes').map((free) => (free === null || total === null ? null : total - free))
}

/** A service's speed, or else its first figure. */
function serviceSparklines(runtime: Runtime, { id, facts }: ServiceView): SparklineView[] {
  const figures = facts.filter(({ value }) => typeof value === 'number')
  const shown = facts.find(({ unit }) => unit === 'tokens/s') ?? figures[0]
  if (!shown) return []
  const metric = metricName(shown.label)
  const values = runtime.history.recent(`service:${id}`, metric, sparklineMs, sparklinePoints)
  return [{ metric, label: shown.label, unit: shown.unit, values }]
}

type Kept<T> = WeakMap<Runtime, { at: number; made: T }>

const lines: Kept<Pictures['sparklines']> = new WeakMap()
const strips: Kept<Pictures['strips']> = new WeakMap()

function fresh<T>(kept: Kept<T>, runtime: Runtime, ms: number, make: () => T): T {
  const before = kept.get(runtime)
  if (before && performance.now() - before.at < ms) return before.made
  const made = make()
  kept.set(runtime, { at: performance.now(), made })
  return made
}

function byId<P extends { id: string }, T>(kind: string, parts: P[], make: (part: P) => T): Record<string, T> {
  return Object.fromEntries(parts.map((part) => [`${kind}:${part.id}`, make(part)]))
}
