import type { FactView, HostFacts } from '../cluster/snapshot'

const ofHosts = [
  'memory_available_bytes',
  'memory_gpu_bytes',
  'memory_cached_bytes',
  'swap_used_bytes',
  'memory_pressure_percent',
  'gpu_utilization_percent',
  'gpu_temperature_c',
  'gpu_power_w',
  'gpu_clock_mhz',
  'cpu_percent',
  'temperature_c',
  'disk_available_bytes',
  'load_1m',
] as const satisfies readonly (keyof HostFacts)[]

/** What of a host's facts becomes series, named as the facts are; traffic is summed over its interfaces. */
export function hostFigures(facts: HostFacts): Record<string, number | null> {
  const traffic = Object.values(facts.network)
  const sum = (name: 'rx_bytes_s' | 'tx_bytes_s') =>
    traffic.length === 0 ? null : traffic.reduce((total, each) => total + each[name], 0)
  return {
    ...Object.fromEntries(ofHosts.map((name) => [name, facts[name]])),
    network_rx_bytes_s: sum('rx_bytes_s'),
    network_tx_bytes_s: sum('tx_bytes_s'),
  }
}

/** What of a service's facts becomes series: the figures, by their label as a metric name. */
export function serviceFigures(facts: FactView[]): Record<string, number | null> {
  const figures = facts.filter(({ value }) => typeof value === 'number')
  return Object.fromEntries(figures.map(({ label, value }) => [metricName(label), value as number]))
}

/** A label as a metric name: `KV cache` is `kv_cache`. */
export function metricName(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 64)
}

const units: [RegExp, string][] = [
  [/_bytes_s$/, 'bytes/s'],
  [/_bytes$/, 'bytes'],
  [/_percent$/, '%'],
  [/_c$/, '°C'],
  [/_w$/, 'W'],
  [/_mhz$/, 'MHz'],
  [/_s$/, 's'],
]

/** The unit that a metric's name ends in; null where it has none. */
export function unitOf(metric: string): string | null {
  return units.find(([ending]) => ending.test(metric))?.[1] ?? null
}
