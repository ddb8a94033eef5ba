import type { LiveHost } from '../cluster/hosts'
import { asker, type Probe, runProbe } from '../cluster/probe'
import type { Elsewhere } from '../cluster/service-state'
import type { Service } from '../config/cluster'
import { listeningCommand, readListening } from './listening'
import { recognise } from './recognise'

export interface ElsewhereOptions {
  hosts: Map<string, LiveHost>
  /** Every watched service, with a way to look at it that remembers nothing yet. */
  services: { service: Service; newProbe(): Probe }[]
}

const askMs = 1500
const mostPorts = 32
const atOnce = 8

/** Makes the search for a service that is not where it is declared: what answers in its place, or on which port it is. */
export function elsewhere({ hosts, services }: ElsewhereOptions) {
  return async function search(service: Service): Promise<Elsewhere | null> {
    const live = hosts.get(service.hosts[0]?.id ?? '')
    if (!live?.address || service.port === 0) return null
    const { address } = live
    const title = await inItsPlace(service, address)
    if (title !== null) return { kind: 'other_service', title }
    const { stdout, code } = await live.run(listeningCommand(), { timeoutMs: 5000 })
    if (code !== 0) return null
    const taken = new Set([live.host.sshPort, ...declaredOn(live.host.id)])
    const free = readListening(stdout, address).filter(({ port }) => !taken.has(port))
    const port = await firstFitting(
      service,
      address,
      free.slice(0, mostPorts).map((each) => each.port),
    )
    return port === null ? null : { kind: 'other_port', port }
  }

  async function inItsPlace(service: Service, address: string): Promise<string | null> {
    const found = await recognise(asker(address, service.port, askMs))
    if (found && found.kind !== service.kind) return found.title
    for (const { service: other, newProbe } of services) {
      if (other.id !== service.id && tellsItself(other) && (await fits(newProbe(), other, address, service.port)))
        return other.title
    }
    return found && found.kind === 'http' ? found.title : null
  }

  function declaredOn(host: string): number[] {
    return services.filter(({ service }) => service.hosts[0]?.id === host).map(({ service }) => service.port)
  }

  async function firstFitting(service: Service, address: string, ports: number[]): Promise<number | null> {
    const newProbe = services.find((each) => each.service.id === service.id)?.newProbe
    if (!newProbe || !tellsItself(service)) return null
    for (let at = 0; at < ports.length; at += atOnce) {
      const some = ports.slice(at, at + atOnce)
      const fitting = await Promise.all(some.map((port) => fits(newProbe(), service, address, port)))
      const index = fitting.indexOf(true)
      if (index >= 0) return some[index] ?? null
    }
    return null
  }
}

async function fits(probe: Probe, service: Service, address: string, port: number): Promise<boolean> {
  const outcome = await runProbe(probe, address, service, asker(address, port, askMs))
  return outcome.kind === 'answered' && outcome.finding.state !== 'down'
}

/** Whether an answer to its probe means that it is this one: any server has something to say at `/`. */
function tellsItself({ kind, port, options }: Service): boolean {
  if (port === 0) return false
  const path = (options.probe as { path?: string } | undefined)?.path ?? '/'
  return kind !== 'http' || !['/', '/health', '/healthz'].includes(path)
}
