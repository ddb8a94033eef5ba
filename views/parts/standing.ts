import type { AttentionView, HostView, ServiceView } from '../../core/cluster/snapshot'
import type { JobView } from '../../core/jobs/job'
import type { NeedView, PageData } from '../page-data'
import type { Tone } from './state'
import { isOnWayBack } from './swap-words'

/** The one look: how the cluster stands, and what a person should do about it. */
export interface Standing {
  tone: Tone
  title: string
  /** What is true where nothing needs doing. */
  detail: string | null
  needs: Need[]
}

export interface Need {
  tone: Tone
  text: string
  remedy: string | null
  /** Where more of it stands. */
  link?: { href: string; words: string }
  action?: NeedView['action']
}

/** Sums up a cluster: its problems first, then what is not known, then what is going on, else that all is well. */
export function standing(data: PageData): Standing {
  const { hosts, services, swap } = data.cluster
  if (!hosts.length)
    return { tone: 'off', title: 'No hosts yet', detail: 'Add your Sparks to spark.config.yaml.', needs: needsOf(data) }
  const needs = needsOf(data)
  const urgent = needs.filter((need) => need.tone !== 'busy').length
  if (urgent) {
    const tone = needs.some((need) => need.tone === 'bad') ? 'bad' : 'warning'
    return { tone, title: `${urgent} ${urgent === 1 ? 'thing needs' : 'things need'} you`, detail: null, needs }
  }
  const silent = hosts.filter((host) => host.state === 'unknown')
  if (silent.length) return { tone: 'unknown', title: `Waiting to hear from ${titles(silent)}`, detail: null, needs }
  if (swap && (swap.state === 'running' || swap.state === 'queued'))
    return { tone: 'busy', title: swapping(swap), detail: 'Nothing needs you.', needs }
  return { tone: 'ok', title: 'Everything is fine', detail: counts(hosts, services), needs }
}

function swapping(swap: JobView): string {
  return isOnWayBack(swap) ? 'What ran before is coming back' : 'A swap is running'
}

function needsOf(data: PageData): Need[] {
  const told = new Set(data.attention.map((item) => item.subject))
  const { hosts, services } = data.cluster
  return [
    ...data.attention.map(fromAttention),
    ...hosts.filter((host) => lostHost(host) && !told.has(`host:${host.id}`)).map(fromPart),
    ...services.filter((service) => lostService(service, hosts) && !told.has(`service:${service.id}`)).map(fromPart),
    ...data.findings.map(
      (finding): Need => ({
        tone: 'warning',
        text: finding.text,
        remedy: 'Until it is mended, what was read before goes on.',
      }),
    ),
  ].sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone))
}

const order: Tone[] = ['bad', 'warning', 'busy']
const tones: Record<AttentionView['severity'], Tone> = { critical: 'bad', warning: 'warning', info: 'busy' }

function fromAttention({ severity, subject, text, remedy, action }: NeedView): Need {
  const need: Need = { tone: tones[severity], text, remedy: remedy || null }
  const link = links[subject.slice(0, subject.indexOf(':'))]
  return { ...need, ...(link ? { link } : {}), ...(action ? { action } : {}) }
}

const links: Record<string, Need['link']> = {
  swap: { href: '#swap', words: 'Choose what to load now' },
  webhook: { href: '/ui/webhooks', words: 'See what was tried' },
}

function fromPart(part: HostView | ServiceView): Need {
  const tone = part.state === 'stalled' || part.state === 'unresponsive' ? 'warning' : 'bad'
  return {
    tone,
    text: part.cause ? `${part.title}: ${part.cause}` : `${part.title} is ${part.state}`,
    remedy: part.remedy,
  }
}

function lostHost(host: HostView): boolean {
  return host.state !== 'up' && host.state !== 'unknown'
}

// A service of a silent host is silent because of it: the host's own line says so.
function lostService(service: ServiceView, hosts: HostView[]): boolean {
  if (service.disabled || service.hidden || hosts.some((host) => host.id === service.host && host.state !== 'up'))
    return false
  return service.state === 'down' || service.state === 'stalled'
}

function titles(parts: { title: string }[]): string {
  return parts.map((part) => part.title).join(', ')
}

function counts(hosts: HostView[], services: ServiceView[]): string {
  const shown = services.filter((service) => !service.disabled && !service.hidden)
  const up = shown.filter((service) => service.state === 'up' || service.state === 'busy').length
  return `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'} up, ${up} of ${shown.length} services up.`
}
