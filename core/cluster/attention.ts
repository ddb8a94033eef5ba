import type { JobView } from '../jobs/job'
import type { AttentionView, HostView, ServiceView } from './snapshot'

/** What needs a person, worst first. */
export function attention(hosts: HostView[], services: ServiceView[], swap: JobView | null): AttentionView[] {
  const found = [...hosts.flatMap(ofHost), ...services.flatMap(ofService), ...(swap ? ofSwap(swap, services) : [])]
  const order = { critical: 0, warning: 1, info: 2 }
  return found.sort((a, b) => order[a.severity] - order[b.severity])
}

function ofHost(host: HostView): AttentionView[] {
  const subject = `host:${host.id}`
  if (host.state !== 'up' && host.state !== 'unknown') {
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
  const { disk_total_bytes: total, disk_available_bytes: available } = host.facts ?? {}
  if (total && available != null && available < total / 10) {
    const percent = Math.round((available / total) * 100)
    return [
      {
        severity: 'warning',
        subject,
        text: `${host.title}: only ${percent} % of the disk is free`,
        remedy: 'delete models that are no longer used',
        since: host.facts?.seen_at ?? null,
      },
    ]
  }
  return []
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
