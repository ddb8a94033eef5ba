import type { Service } from '../config/cluster'
import type { LiveHost } from './hosts'
import type { Observed } from './observed'
import { type Probe, runProbe } from './probe'
import { frames, readSample } from './sample'
import { samplerCommand } from './sampler'

export interface WatchOptions {
  hosts: Map<string, LiveHost>
  services: { service: Service; probe: Probe }[]
  observed: Observed
  signal: AbortSignal
  everyMs?: number
}

export interface Watch {
  /** Looks at one service now instead of at its next turn. */
  look(service: string): Promise<void>
}

/** Watches until aborted: one sampling stream a host, one probe loop a service. */
export function watch({ hosts, services, observed, signal, everyMs = 1000 }: WatchOptions): Watch {
  for (const live of hosts.values()) void sampleForever(live)
  const looks = new Map(services.map((each) => [each.service.id, looker(each.service, each.probe)]))
  for (const look of looks.values()) void probeForever(look)

  async function sampleForever(live: LiveHost) {
    while (!signal.aborted) {
      try {
        await live.ready(signal)
        const push = frames((frame) => observed.sample(live.host, readSample(frame)))
        await live.stream(samplerCommand(), { signal, onData: push })
      } catch {
        // The link's own state already tells why; here it only matters to come back.
      }
      await pause(everyMs, signal)
    }
  }

  function looker(service: Service, probe: Probe) {
    return async function look() {
      const address = hosts.get(service.hosts[0]?.id ?? '')?.address
      if (!address) return false
      observed.probe(service, await runProbe(probe, address, service))
      return true
    }
  }

  async function probeForever(look: () => Promise<boolean>) {
    while (!signal.aborted) {
      // The address of a name is not known at once.
      await pause((await look()) ? everyMs : 20, signal)
    }
  }

  return {
    async look(service) {
      await looks.get(service)?.()
    },
  }
}

/** Sleeps, but no longer than until the abort. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done, { once: true })
  })
}
