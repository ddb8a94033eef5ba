import type { Runtime } from '../../core/runtime'
import { hostMetrics } from '../../views/format/metric'
import { hostPage, ranges } from '../../views/pages/host'
import { hostKeyPage } from '../../views/pages/host-key'
import type { ChartView } from '../../views/parts/chart'
import { acceptHostKey } from '../control/hosts'
import { requestEnd } from '../control/orphans'
import { act, html, problem } from './answers'
import { pageData } from './page-data'
import { hostSparklines, subjectStrip } from './pictures'
import type { PlainRoute } from './plain-route'

const weekMs = 7 * 24 * 3600_000
const piecesOfWeek = 168
const eventsShown = 10

/** The page of one Spark. */
export function hostPages(runtime: Runtime): PlainRoute[] {
  return [
    {
      method: 'GET',
      path: '/ui/hosts/:id',
      handle(request, { id = '' }) {
        const host = runtime.observed.host(id)
        if (!host) return missing(id)
        const asked = new URL(request.url).searchParams.get('range') ?? ''
        const range = Object.hasOwn(ranges, asked) ? asked : '1h'
        const past = {
          week: subjectStrip(runtime, `host:${id}`, weekMs, piecesOfWeek),
          sparklines: hostSparklines(runtime, host),
          range,
          charts: charts(runtime, id, range, host.facts?.memory_total_bytes ?? null),
          events: runtime.history.events({ host: id, limit: eventsShown }).events,
        }
        return html(hostPage(host, past, pageData(runtime)))
      },
    },
    {
      method: 'GET',
      path: '/ui/hosts/:id/host-key',
      handle(_, { id = '' }) {
        const host = runtime.observed.host(id)
        return host ? html(hostKeyPage(host, pageData(runtime))) : missing(id)
      },
    },
    {
      method: 'POST',
      path: '/ui/hosts/:id/host-key',
      handle: (request, { id = '' }) =>
        act(request, async (form) => acceptHostKey(runtime, id, form.get('fingerprint') ?? ''), `/ui/hosts/${id}`),
    },
    {
      method: 'POST',
      path: '/ui/hosts/:id/end-orphan',
      handle: (request, { id = '' }) =>
        act(request, async (form) => requestEnd(runtime, id, form.get('container') ?? ''), `/ui/hosts/${id}`),
    },
  ]
}

function missing(id: string) {
  return problem(
    404,
    'No such host',
    `Nothing called ${id} is declared.`,
    'Choose a host on the overview, or declare it in spark.config.yaml.',
  )
}

function charts(runtime: Runtime, host: string, range: string, total: number | null): ChartView[] {
  const { ms = 0, step_s: step } = ranges[range] ?? {}
  const to = Date.now()
  const from = to - ms
  return hostMetrics.flatMap((metric): ChartView[] => {
    const used = metric.metric === 'memory_used_bytes'
    if (used && total === null) return []
    const name = used ? 'memory_available_bytes' : metric.metric
    const found = runtime.history.series({ subject: `host:${host}`, metric: name, from, to, step })
    if (found.points.length === 0) return []
    const points = used ? found.points.map((point) => usedOf(point, total ?? 0)) : found.points
    return [{ ...metric, ...(used ? { high: total ?? 0 } : {}), points, step_s: found.step_s, from, to }]
  })
}

/** What is used is what is not available: the highest becomes the lowest. */
function usedOf(point: ChartView['points'][number], total: number): ChartView['points'][number] {
  return { at: point.at, avg: total - point.avg, min: total - point.max, max: total - point.min }
}
