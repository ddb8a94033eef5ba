import { caps } from '../core/history/caps'
import { openStore } from '../core/store/store'

const hosts = ['spark-1', 'spark-2']
const services = ['llm', 'embed', 'comfy']
const metricsOfHost = [
  'memory_available_bytes',
  'memory_cached_bytes',
  'gpu_utilization_percent',
  'gpu_temperature_c',
  'gpu_power_w',
  'gpu_clock_mhz',
  'cpu_percent',
  'temperature_c',
  'load_1m',
  'disk_available_bytes',
  'network_rx_bytes_s',
  'network_tx_bytes_s',
]
const metricsOfService = ['running', 'speed']
/** Every how manieth event is a change of state; the others are moments. */
const statesEvery = 4

/** Fills a fresh data directory with as much past as is ever kept: every series and every event up to its cap. */
export function fillWithPast(directory: string, now = Date.now()): { events: number; minutes: number; hours: number } {
  const store = openStore(directory)
  const fill = store.transaction(() => {
    const subjects = [
      ...hosts.map((id) => [`host:${id}`, metricsOfHost] as const),
      ...services.map((id) => [`service:${id}`, metricsOfService] as const),
    ]
    for (const [subject, metrics] of subjects)
      for (const metric of metrics)
        store.query('INSERT INTO series (subject, metric) VALUES ($subject, $metric)').run({ subject, metric })
    for (const [table, step, ms] of [
      ['minutes', 60, caps.minutesMs],
      ['hours', 3600, caps.hoursMs],
      ['days', 86_400, caps.hoursMs],
    ] as const) {
      const last = Math.floor(now / 1000 / step) * step
      const rows = Math.floor(ms / 1000 / step)
      store
        .query(
          `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows - 1})
          INSERT INTO ${table} SELECT id, ${last} - (${rows - 1} - i) * ${step},
          ${step} * (50.5 + 40.25 * sin(i / 30.0 + id)), 5.5 + id, 99.25, ${step} FROM series, n ORDER BY id, i`,
        )
        .run()
    }
    const every = Math.floor(caps.eventsMs / caps.events)
    const all = [...hosts, ...services]
    const turn = every * statesEvery * all.length
    const numbers = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${caps.events - 1}),
      e AS (SELECT ${now - caps.eventsMs} + i * ${every} AS at, i % ${statesEvery} AS noted, i / ${statesEvery} % ${all.length} AS k,
      i / ${statesEvery * all.length} % 2 AS lost FROM n)`
    // One subject after the other, each in turns lost for 14 s and well until it is lost again.
    store
      .query(
        `${numbers} INSERT INTO events (at, ended_at, type, subject, host, service, was, state, cause)
        SELECT iif(lost, at, at - ${turn} + 14000), iif(lost, at + 14000, at + ${turn}), iif(k < 2, 'connectivity', 'state'),
        iif(k < 2, 'host:', 'service:') || ${named(all)}, iif(k < 2, ${named(hosts)}, iif(k = 2, 'spark-1', 'spark-2')),
        iif(k < 2, NULL, ${named(all)}), iif(lost, 'up', 'down'), iif(lost, iif(k < 2, 'unreachable', 'down'), 'up'),
        iif(lost, 'the connection was lost (no sign of life for a second)', NULL) FROM e WHERE noted = 0`,
      )
      .run()
    store
      .query(
        `${numbers} INSERT INTO events (at, type, subject, host, service, text)
        SELECT at, 'action', 'service:llm', 'spark-1', 'llm', 'llm was restarted' FROM e WHERE noted <> 0`,
      )
      .run()
  })
  fill()
  const count = (table: string) => (store.query(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n
  const filled = { events: count('events'), minutes: count('minutes'), hours: count('hours') }
  store.close()
  return filled
}

function named(ids: string[]): string {
  return `CASE k ${ids.map((id, index) => `WHEN ${index} THEN '${id}'`).join(' ')} END`
}
