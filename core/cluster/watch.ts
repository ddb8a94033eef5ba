import type { Service } from '../config/cluster'
import type { ContainerEvent } from './containers'
import { hostWatch } from './host-watch'
import type { LiveHost } from './hosts'
import type { Observed } from './observed'
import type { Probe } from './probe'
import type { Elsewhere } from './service-state'
import { serviceWatch } from './service-watch'

export interface WatchOptions {
  hosts: Map<string, LiveHost>
  services: { service: Service; probe: Probe }[]
  observed: Observed
  signal: AbortSignal
  search(service: Service): Promise<Elsewhere | null>
  /** Told of everything that happens to the container of a declared service. */
  onContainer?(service: Service, host: string, event: ContainerEvent): void
  everyMs?: number
}

export interface Watch {
  /** Looks at one service now instead of at its next turn. */
  look(service: string): Promise<void>
  /** The link to a host changed: its services are asked anew when it fell or came back. */
  linkChanged(host: string): void
}

/** Watches every host and every service until aborted. */
export function watch(options: WatchOptions): Watch {
  const { hosts, services, observed, signal, search, onContainer, everyMs = 1000 } = options
  const watches = new Map(
    services.map(({ service, probe }) => {
      const live = hosts.get(service.hosts[0]?.id ?? '')
      return [service.id, serviceWatch({ service, probe, live, observed, signal, search, everyMs })]
    }),
  )
  for (const live of hosts.values()) {
    hostWatch({ live, observed, signal, onContainer: (event) => happened(live.host.id, event) })
  }

  function happened(host: string, event: ContainerEvent) {
    for (const { service } of services) {
      if (service.container !== event.name || !service.hosts.some(({ id }) => id === host)) continue
      onContainer?.(service, host, event)
      if (event.action === 'start' || event.action === 'die') void watches.get(service.id)?.look()
    }
  }

  return {
    async look(service) {
      await watches.get(service)?.look()
    },
    linkChanged(host) {
      for (const { service } of services) if (service.hosts[0]?.id === host) watches.get(service.id)?.linkChanged()
    },
  }
}
