import type { JobView } from '../jobs/job'
import { gib } from './gib'
import type { AttentionView, HostFacts, HostView, ServiceView } from './snapshot'

/** How often a subject changed its state lately; null while it is steady. */
export type Flapping = (subject: string) => { changes: number; since: string } | null

/** What needs a person, worst first. */
export function attention(
  hosts: HostView[],
  services: ServiceView[],
  swap: JobView | null,
  flapping: Flapping = () => null,
  more: AttentionView[] = [],
): AttentionView[] {
  const found = [
    ...more,
    ...hosts.flatMap((host) => [...ofHost(host, services), ...unsteady(host, `host:${host.id}`, flapping)]),
    ...services.flatMap((service) => [...ofService(service), ...unsteady(service, `service:${service.id}`, flapping)]),
    ...(swap ? ofSwap(swap, services) : []),
  ]
  const order = { critical: 0, warning: 1, info: 2 }
  return found.sort((a, b) => order[a.severity] - order[b.severity])
}

function ofHost(host: HostView, services: ServiceView[]): AttentionView[] {
  const subject = `host:${host.id}`
  if (host.state === 'unknown') return []
  if (host.state !== 'up') {
    return [
      {
        severity: 'critical',
        subject,
        text: `${host.title}: ${host.cause ?? host.state}`,
        remedy: host.remedy ?? 'look at that Spark',
        since: host.since,
      },
    ]
  }
  const docker: AttentionView[] =
    host.cause === null
      ? []
      : [
          {
            severity: 'critical',
            subject,
            text: `${host.title}: ${host.cause}`,
            remedy: host.remedy ?? 'look at that Spark',
            since: host.since,
          },
        ]
  const { facts } = host
  if (!facts) return docker
  const idle = host.cause === null && nothingRuns(host, facts, services)
  return [
    ...docker,
    ...signs.flatMap(({ severity = 'warning', tells, remedy }) => {
      const text = tells(facts, idle)
      return text === null ? [] : [{ severity, subject, text: `${host.title}: ${text}`, remedy, since: null } as const]
    }),
  ]
}

interface Sign {
  severity?: AttentionView['severity']
  /** What is wrong, or null. */
  tells(facts: HostFacts, idle: boolean): string | null
  remedy: string
}

const skewS = 5
const pressurePercent = 20
// An idle Spark needs some 6 GiB; what is gone beyond a quarter of the memory nobody holds.
const leakedShare = 0.25
// Freed memory of a GB10 comes back within about a minute.
const lingersMs = 90_000

const signs: Sign[] = [
  {
    tells({ disk_total_bytes: total, disk_available_bytes: available }) {
      if (!total || available === null || available >= total / 10) return null
      return `only ${Math.round((available / total) * 100)} % of the disk is free`
    },
    remedy: 'delete models that are no longer used',
  },
  {
    tells({ memory_total_bytes: total, memory_available_bytes: available }, idle) {
      if (!idle || !total || available === null || total - available < total * leakedShare) return null
      return `${gib(total - available)} of memory are in use though nothing runs`
    },
    remedy: 'wait a minute; if it stays, a crashed program still holds it: restart that Spark',
  },
  {
    tells: ({ gpu_throttled: throttled, gpu_temperature_c: heat }) =>
      throttled ? `the GPU slows itself down${heat === null ? '' : ` at ${heat} °C`}` : null,
    remedy: 'give it air: check its place, its vents and the room; if it is cool, its power supply',
  },
  {
    tells: ({ clock_skew_s: skew }) =>
      skew !== null && Math.abs(skew) > skewS
        ? `its clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} this controller's`
        : null,
    remedy: 'turn time synchronisation on there: sudo timedatectl set-ntp true; and check the clock of this controller',
  },
  {
    tells: ({ memory_pressure_percent: pressure }) =>
      pressure !== null && pressure >= pressurePercent
        ? `programs wait for memory ${Math.round(pressure)} % of the time`
        : null,
    remedy: 'stop something there before it freezes',
  },
  {
    tells({ containers }) {
      const names = containers.filter(({ health }) => health === 'unhealthy').map(({ name }) => name)
      return names.length === 0 ? null : `the health check of ${names.join(', ')} fails`
    },
    remedy: 'look at its log; a restart may help',
  },
  {
    tells(facts) {
      const line = facts.kernel_trouble?.findLast((each) => isRecent(each, facts.uptime_s))
      return line === undefined ? null : kernelTrouble(line)
    },
    remedy: 'once may pass; if it comes again, restart that Spark',
  },
]

function kernelTrouble(line: string): string {
  const xid = /Xid(?: \([^)]*\))?: (\d+)/.exec(line)?.[1]
  if (xid) return `its GPU had a fault (Xid ${xid})`
  return /NV_ERR_NO_MEMORY/.test(line)
    ? 'its GPU driver ran out of memory'
    : 'its kernel ended a program for want of memory'
}

// The kernel counts the seconds since it started; what is older than a day was seen by then.
function isRecent(line: string, uptime: number | null): boolean {
  const at = /^\[ *(\d+)\.\d+\]/.exec(line)?.[1]
  return at === undefined || uptime === null || uptime - Number(at) < 24 * 3600
}

function nothingRuns(host: HostView, facts: HostFacts, services: ServiceView[]): boolean {
  const here = services.filter((service) => service.hosts.includes(host.id))
  const now = Date.parse(facts.seen_at)
  const quiet = here.every(
    ({ state, since }) => (state === 'stopped' || state === 'down') && now - Date.parse(since ?? '') > lingersMs,
  )
  return quiet && facts.gpu_processes?.length === 0 && facts.containers.every(({ state }) => state !== 'running')
}

function ofService(service: ServiceView): AttentionView[] {
  if (service.disabled || (service.state !== 'down' && service.state !== 'stalled')) return []
  return [
    {
      severity: 'critical',
      subject: `service:${service.id}`,
      text: `${service.title}: ${service.cause ?? service.state}`,
      remedy: service.remedy ?? 'look at its log',
      since: service.since,
    },
  ]
}

function unsteady({ title }: { title: string }, subject: string, flapping: Flapping): AttentionView[] {
  const found = flapping(subject)
  if (!found) return []
  return [
    {
      severity: 'warning',
      subject,
      text: `${title}: changed its state ${found.changes} times in 10 minutes`,
      remedy: subject.startsWith('host:') ? 'check its cable, switch and power' : 'look at its log',
      since: found.since,
    },
  ]
}

// A swap that failed is past once something runs again; while nothing does, a person has to choose.
function ofSwap(swap: JobView, services: ServiceView[]): AttentionView[] {
  const empty = services.find((each) => each.id === swap.service)?.state === 'stopped'
  const failed = swap.state === 'failed' && empty
  if (!failed && swap.state !== 'needs_attention') return []
  return [
    {
      severity: failed ? 'warning' : 'critical',
      subject: `swap:${swap.id}`,
      text: `the swap to ${swap.recipe ?? 'nothing'} ${failed ? 'failed' : 'ended halfway'}: ${swap.error?.message ?? 'unknown'}`,
      remedy: swap.error?.remedy ?? 'look at what runs, then swap again',
      since: swap.ended_at,
    },
  ]
}
