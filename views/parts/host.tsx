/** @jsxImportSource #jsx */
import type { HostFacts, HostView } from '../../core/cluster/snapshot'
import { bytesOf } from '../format/bytes'
import { duration } from '../format/duration'
import { figure } from '../format/figure'
import type { PageData } from '../page-data'
import { CopyLine } from './copy'
import { Facts, factTexts } from './facts'
import { NeedAction } from './need-action'
import { Sparkline } from './sparkline'
import { StateLasting, StateMark, toneOf } from './state'
import { StripChart } from './strip'
import { Trouble } from './trouble'
import { Ago } from './when'

/** One Spark: its state in words, its figures with their age, and the way in for the controller. */
export function hostTile(host: HostView, data: PageData) {
  const silent = host.state !== 'up'
  return (
    <article id={`host-${host.id}`} class={`tile ${toneOf(host.state)}`} aria-labelledby={`host-${host.id}-title`}>
      <header>
        <h3 id={`host-${host.id}-title`}>
          <a href={`/ui/hosts/${host.id}`}>{host.title}</a>
        </h3>
        <StateMark state={host.state} />
      </header>
      <p class="small">
        {host.address}
        {host.resolved_address && host.resolved_address !== host.address && ` (${host.resolved_address})`}
        <StateLasting state={host.state} since={host.since} now={data.now} /> · <Seen host={host} now={data.now} />
      </p>
      {host.facts?.vpn_address && (
        <p>
          <span class="badge">VPN {host.facts.vpn_address}</span>
        </p>
      )}
      <Trouble cause={host.cause} remedy={host.remedy} />
      {data.attention
        .filter(({ subject, action }) => subject === `host:${host.id}` && action)
        .map(({ text, action }) => (
          <>
            <p class="trouble">{text}</p>
            {action && <NeedAction {...action} />}
          </>
        ))}
      {host.facts ? figures(host, host.facts, data) : <p class="small">No figures yet.</p>}
      <StripChart strip={data.strips[`host:${host.id}`]} over="Last 24 h" />
      {keyLine(host, data.sshKeyLines[host.id])}
      {host.host_key && (
        <p>
          <a class="button quiet" href={`/ui/hosts/${host.id}/host-key`}>
            Compare the keys…
          </a>
        </p>
      )}
      {silent && <ConnectButton host={host} />}
    </article>
  )
}

/** Tries a silent host at once instead of at the next attempt. */
function ConnectButton(props: { host: HostView }) {
  const path = `/ui/hosts/${props.host.id}/connect`
  return (
    <form method="post" action={path} hx-post={path} hx-swap="none" hx-disable="find button">
      <button type="submit" class="quiet" aria-label={`Connect now: ${props.host.title}`}>
        Connect now
      </button>
    </form>
  )
}

function Seen(props: { host: HostView; now: string }) {
  if (!props.host.seen_at) return <>never seen</>
  return (
    <>
      seen <Ago time={props.host.seen_at} now={props.now} />
    </>
  )
}

function figures(host: HostView, facts: HostFacts, data: PageData) {
  const silent = host.state !== 'up'
  const lines = data.sparklines[`host:${host.id}`] ?? []
  const spark = (metric: string, ends: { low?: number; high?: number } = {}) => {
    const line = lines.find((each) => each.metric === metric)
    return line && <Sparkline line={line} over="last 15 min" {...ends} />
  }
  return (
    <div class={silent ? 'figures old' : 'figures'}>
      {silent && (
        <p class="small">
          Figures as of <Ago time={facts.seen_at} now={data.now} />, not current:
        </p>
      )}
      {memory(facts)}
      {spark('memory_used_bytes', { low: 0, high: facts.memory_total_bytes ?? undefined })}
      {facts.gpu_throttled && <p class="trouble">The GPU runs slower than it could: too hot, or short of power.</p>}
      <Facts
        facts={[
          {
            label: 'GPU',
            value: [
              figure(facts.gpu_utilization_percent, '%'),
              spark('gpu_utilization_percent', { low: 0, high: 100 }) ?? null,
            ],
          },
          {
            label: 'Temperature',
            value: [figure(facts.gpu_temperature_c, '°C'), spark('gpu_temperature_c') ?? null],
          },
          { label: 'Power', value: figure(facts.gpu_power_w, 'W') },
          { label: 'Disk free', value: free(facts.disk_available_bytes, facts.disk_total_bytes) },
          { label: 'Running for', value: facts.uptime_s === null ? 'not known' : duration(facts.uptime_s) },
        ]}
      />
      {more(facts)}
    </div>
  )
}

function memory(facts: HostFacts) {
  const { memory_total_bytes: total, memory_available_bytes: available } = facts
  if (total === null || available === null) return <p>Memory: not known</p>
  const used = total - available
  return (
    <div class="gauge">
      <p>
        <span>Memory</span> <span>{bytesOf(used, total)} used</span>
      </p>
      <meter min={0} max={total} high={total * 0.95} value={used} aria-label={`Memory, ${bytesOf(used, total)} used`} />
    </div>
  )
}

/** What is rarely asked for, of that what the machine tells. */
function more(facts: HostFacts) {
  const traffic = Object.values(facts.network)
  const sum = (way: 'rx_bytes_s' | 'tx_bytes_s') =>
    traffic.length === 0 ? null : traffic.reduce((total, each) => total + each[way], 0)
  const rest = [
    { label: 'CPU', value: facts.cpu_percent, unit: '%' },
    { label: 'GPU clock', value: facts.gpu_clock_mhz, unit: 'MHz' },
    { label: 'Page cache', value: facts.memory_cached_bytes, unit: 'bytes' },
    { label: 'Swap used', value: facts.swap_used_bytes, unit: 'bytes' },
    { label: 'Load', value: facts.load_1m, unit: null },
    { label: 'Received', value: sum('rx_bytes_s'), unit: 'bytes/s' },
    { label: 'Sent', value: sum('tx_bytes_s'), unit: 'bytes/s' },
  ].filter(({ value }) => value !== null)
  if (rest.length === 0) return null
  return (
    <details>
      <summary>More figures</summary>
      <Facts facts={factTexts(rest)} />
    </details>
  )
}

function free(available: number | null, total: number | null): string {
  return available === null || total === null ? 'not known' : bytesOf(available, total)
}

function keyLine(host: HostView, line: string | undefined) {
  if (!line) return null
  const label = `SSH key line for ${host.title}`
  const copy = <CopyLine id={`ssh-key-${host.id}`} text={line} label={label} />
  // A host that refuses us needs this line now; elsewhere it stays out of the way.
  if (host.state === 'refused' && !host.host_key) return copy
  return (
    <details>
      <summary>SSH key line</summary>
      {copy}
    </details>
  )
}
