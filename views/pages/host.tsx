/** @jsxImportSource #jsx */
import { containerInWords } from '../../core/cluster/containers'
import type { ContainerFact, HostView } from '../../core/cluster/snapshot'
import type { RecordedEvent } from '../../core/history/event'
import type { Strip } from '../../core/history/strip'
import { bytes } from '../format/bytes'
import { figure } from '../format/figure'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData, SparklineView } from '../page-data'
import { Chart, type ChartView } from '../parts/chart'
import { Events } from '../parts/events'
import { Facts } from '../parts/facts'
import { hostTile } from '../parts/host'
import { Live } from '../parts/live'
import { Sparkline } from '../parts/sparkline'
import { StripChart } from '../parts/strip'
import { Ago } from '../parts/when'

/** What the page of one Spark shows beside its tile. */
export interface HostPast {
  week: Strip
  sparklines: SparklineView[]
  /** The chosen range of the charts: a key of `ranges`. */
  range: string
  charts: ChartView[]
  events: RecordedEvent[]
}

/** Ranges of the charts by their name in the address. */
export const ranges: Record<string, { title: string; begin: string; ms: number; step_s: number }> = {
  '1h': { title: 'Last hour', begin: '1 h ago', ms: 3600_000, step_s: 60 },
  '24h': { title: 'Last 24 h', begin: '24 h ago', ms: 24 * 3600_000, step_s: 300 },
  '7d': { title: 'Last 7 days', begin: '7 d ago', ms: 7 * 24 * 3600_000, step_s: 3600 },
  '1y': { title: 'Last year', begin: '1 year ago', ms: 365 * 24 * 3600_000, step_s: 86_400 },
}

/** Everything about one Spark: how it is, how it was, what runs on it. */
export function hostPage(host: HostView, past: HostPast, data: PageData): Html {
  return layout({
    title: host.title,
    data,
    children: (
      <Live>
        <h1>{host.title}</h1>
        <section aria-labelledby="now-title">
          <h2 id="now-title">Now</h2>
          {hostTile(host, data)}
        </section>
        {figures(host, past)}
        {charts(host, past)}
        {containers(host.facts?.containers ?? [], data.now)}
        {machine(host)}
        <section class="panel" aria-labelledby="events-title">
          <h2 id="events-title">Recent events</h2>
          {past.events.length > 0 ? (
            <Events events={past.events} data={data} />
          ) : (
            <p>Nothing is recorded yet. Outages and what runs on it will be listed here.</p>
          )}
          <p>
            <a href={`/ui/activity?host=${host.id}`}>All events of {host.title}</a>
          </p>
        </section>
      </Live>
    ),
  })
}

function figures(host: HostView, { week, sparklines }: HostPast) {
  const drawn = sparklines.filter(({ values }) => values.some((value) => value !== null))
  return (
    <section class="panel wide" aria-labelledby="minutes-title">
      <h2 id="minutes-title">Last 15 minutes</h2>
      {drawn.length === 0 && <p>No figures were seen in the last 15 minutes.</p>}
      <Facts
        facts={drawn.map((line) => ({
          label: line.label,
          value: [
            figure(line.values.findLast((value) => value !== null) ?? null, line.unit),
            <Sparkline line={line} over="last 15 min" />,
          ],
        }))}
      />
      <h2>Connection</h2>
      <StripChart strip={week} over="Last 7 days" />
      {host.state !== 'up' && host.cause && <p class="small">{host.cause}</p>}
    </section>
  )
}

function charts(host: HostView, { range, charts }: HostPast) {
  const over = ranges[range]?.title ?? range
  return (
    <section class="panel" aria-labelledby="charts-title" id="charts">
      <h2 id="charts-title">{over}</h2>
      <nav class="choices" aria-label="How far back">
        {Object.entries(ranges).map(([name, { title }]) => (
          <a href={`/ui/hosts/${host.id}?range=${name}#charts`} aria-current={name === range ? 'true' : null}>
            {title}
          </a>
        ))}
      </nav>
      {charts.length === 0 && <p>Nothing is recorded of this time yet; figures are written once a minute.</p>}
      <div class="charts">
        {charts.map((chart) => (
          <Chart chart={chart} over={over} begin={ranges[range]?.begin ?? ''} />
        ))}
      </div>
    </section>
  )
}

function containers(all: ContainerFact[], now: string) {
  return (
    <section class="panel" aria-labelledby="containers-title">
      <h2 id="containers-title">Containers</h2>
      {all.length === 0 && <p>No containers were seen.</p>}
      <ul class="rows">
        {all.map((container) => (
          <li>
            <p>
              <strong>{container.name}</strong> <span class="badge">{container.state}</span>{' '}
              {container.health && (
                <span class={container.health === 'healthy' ? 'badge strong' : 'badge'}>{container.health}</span>
              )}
            </p>
            <p class="small">
              {container.image}
              {container.started_at && (
                <>
                  {' '}
                  · started <Ago time={container.started_at} now={now} />
                </>
              )}
              {container.state !== 'running' && ` · ${containerInWords(container)}`}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function machine({ facts, id, address, resolved_address }: HostView) {
  const known = [
    { label: 'Id', value: id },
    { label: 'Declared address', value: address },
    { label: 'Used address', value: resolved_address },
    ...Object.entries(facts?.addresses ?? {}).map(([name, value]) => ({ label: name, value })),
    { label: 'VPN', value: facts?.vpn_address ?? null },
    { label: 'GPU', value: facts?.gpu_name ?? null },
    { label: 'Driver', value: facts?.gpu_driver ?? null },
    { label: 'Clock ahead by', value: seconds(facts?.clock_skew_s ?? null) },
    { label: 'Ended for want of memory', value: facts?.oom_kills || null },
  ]
  return (
    <section class="panel wide" aria-labelledby="machine-title">
      <h2 id="machine-title">Machine</h2>
      <Facts facts={known.filter(({ value }) => value !== null)} />
      {facts?.gpu_processes && facts.gpu_processes.length > 0 && (
        <>
          <h3>GPU memory by program</h3>
          <Facts facts={facts.gpu_processes.map(({ name, bytes: size }) => ({ label: name, value: bytes(size) }))} />
        </>
      )}
      {facts?.kernel_trouble && facts.kernel_trouble.length > 0 && (
        <>
          <h3>What the kernel reported</h3>
          <pre tabindex={0} role="group" aria-label="Lines of the kernel's log" hx-ignore>
            {facts.kernel_trouble.join('\n')}
          </pre>
        </>
      )}
    </section>
  )
}

function seconds(value: number | null): string | null {
  return value === null ? null : `${value.toFixed(1)} s`
}
