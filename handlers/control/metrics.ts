import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'

/** `GET /metrics`: the cluster in Prometheus' text form; a figure that is not known is not there. */
export const metricsRoute: Route = {
  method: 'GET',
  path: '/metrics',
  tag: 'control',
  summary: 'Prometheus metrics of hosts, services and the controller',
  handle: ({ runtime }) =>
    new Response(metrics(runtime), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
}

type Row = [labels: Record<string, string>, value: number | null | undefined]

function metrics(runtime: Runtime): string {
  const { hosts, services, swap } = runtime.view()
  const ofHosts = (pick: (facts: NonNullable<(typeof hosts)[number]['facts']>) => number | null): Row[] =>
    hosts.map((host) => [{ host: host.id }, host.state === 'up' && host.facts ? pick(host.facts) : null])
  return [
    gauge('spark_control_uptime_seconds', 'Seconds since the controller started', [
      [{}, (Date.now() - runtime.startedAt) / 1000],
    ]),
    gauge('spark_control_memory_bytes', 'Resident memory of the controller', [[{}, process.memoryUsage.rss()]]),
    gauge(
      'spark_host_up',
      '1 when the host is connected and observed',
      hosts.map((host) => [{ host: host.id }, host.state === 'unknown' ? null : Number(host.state === 'up')]),
    ),
    gauge(
      'spark_host_memory_total_bytes',
      'MemTotal',
      ofHosts((facts) => facts.memory_total_bytes),
    ),
    gauge(
      'spark_host_memory_available_bytes',
      'MemAvailable',
      ofHosts((facts) => facts.memory_available_bytes),
    ),
    gauge(
      'spark_host_gpu_utilization_ratio',
      'GPU use, 0 to 1',
      ofHosts(({ gpu_utilization_percent: percent }) => (percent === null ? null : percent / 100)),
    ),
    gauge(
      'spark_host_gpu_temperature_celsius',
      'GPU temperature',
      ofHosts((facts) => facts.gpu_temperature_c),
    ),
    gauge(
      'spark_host_gpu_power_watts',
      'GPU power',
      ofHosts((facts) => facts.gpu_power_w),
    ),
    gauge(
      'spark_host_disk_available_bytes',
      'Free space on the disk of the model cache',
      ofHosts((facts) => facts.disk_available_bytes),
    ),
    gauge(
      'spark_service_up',
      '1 when the service works',
      services.map(({ id, kind, host, state }) => [
        { service: id, kind, host },
        state === 'unknown' ? null : Number(state === 'up' || state === 'busy'),
      ]),
    ),
    gauge('spark_swap_progress_ratio', 'Progress of the running swap, 0 to 1', [
      [{}, swap && swap.ended_at === null ? swap.progress : null],
    ]),
  ].join('')
}

function gauge(name: string, help: string, rows: Row[]): string {
  const lines = rows
    .filter(([, value]) => typeof value === 'number')
    .map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`)
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
