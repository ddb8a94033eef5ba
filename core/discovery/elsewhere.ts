import { engineModels } from '../cluster/engine-models'
import type { LiveHost } from '../cluster/hosts'
import { type Answer, asker, isLate, type Outcome, type Probe, runProbe } from '../cluster/probe'
import type { Elsewhere } from '../cluster/service-state'
import type { Service } from '../config/cluster'
import { couldBe, ownPath, tellingPath } from './identity'
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
/** A path that no program has: who answers it well answers anything well, which tells nothing. */
const nobodysPath = '/spark-control/is-this-anything'

/**
 * Makes the search for a service that is not where it is declared: what answers in its place, or on which port it is.
 * Its remedy changes a configuration, so what is in doubt is not told.
 */
export function elsewhere({ hosts, services }: ElsewhereOptions) {
  return async function search(service: Service): Promise<Elsewhere | null> {
    const live = hosts.get(service.hosts[0]?.id ?? '')
    const path = ownPath(service)
    if (!live?.address || path === null || service.port === 0) return null
    const { address } = live
    const place = await placeOf(service, path, address)
    if (place === 'taken') return null
    const title = place === 'lacking' ? await whoIsThere(service, address) : null
    if (title !== null) return { kind: 'other_service', title }
    const port = tellingPath(service) === null ? null : await otherPort(service, live, address)
    return port === null ? null : { kind: 'other_port', port }
  }

  /** The name of what has its port, unless that could be this very service, asked for a wrong path. */
  async function whoIsThere(service: Service, address: string): Promise<string | null> {
    const found = await recognise(asker(address, service.port, askMs))
    if (found && couldBe(service, found)) return null
    const others = services.filter(({ service: other }) => other.kind === 'http' && !samePlace(other, service))
    for (const { service: other, newProbe } of others)
      if (await isThere(other, newProbe, address, service.port)) return other.title
    return found?.title ?? null
  }

  async function otherPort(service: Service, live: LiveHost, address: string): Promise<number | null> {
    const newProbe = services.find((each) => each.service.id === service.id)?.newProbe
    const { stdout, code } = await live.run(listeningCommand(), { timeoutMs: 5000 })
    if (code !== 0 || !newProbe) return null
    const taken = new Set([live.host.sshPort, ...declaredOn(live.host.id)])
    const free = readListening(stdout, address).filter(({ port }) => !taken.has(port))
    const ports = free.slice(0, mostPorts).map(({ port }) => port)
    for (let at = 0; at < ports.length; at += atOnce) {
      const some = ports.slice(at, at + atOnce)
      const fitting = await Promise.all(some.map((port) => isThere(service, newProbe, address, port)))
      const index = fitting.indexOf(true)
      if (index >= 0) return some[index] ?? null
    }
    return null
  }

  function declaredOn(host: string): number[] {
    return services.filter(({ service }) => service.hosts[0]?.id === host).map(({ service }) => service.port)
  }

  async function isThere(service: Service, newProbe: () => Probe, address: string, port: number): Promise<boolean> {
    if (tellingPath(service) === null) return false
    const ask = asker(address, port, askMs)
    const outcome = await runProbe(newProbe(), address, service, ask)
    if (!isWell(outcome)) return false
    const found = await recognise(ask)
    if (found && !couldBe(service, found)) return false
    if (service.kind === 'http') return !(await likesAnyPath(newProbe(), service, address, port))
    return found !== null && !belongsToAnother(service, found.models)
  }

  /** Is a model that is served there declared for another service, or not the one that is declared for this one? */
  function belongsToAnother({ id, model }: Service, served: string[]): boolean {
    if (model !== null) return !served.includes(model)
    return services.some(({ service }) => service.id !== id && service.model !== null && served.includes(service.model))
  }
}

const samePlace = (one: Service, other: Service) => one.port === other.port && one.hosts[0]?.id === other.hosts[0]?.id
const isWell = (outcome: Outcome) => outcome.kind === 'answered' && outcome.finding.state !== 'down'

/** Some servers answer every path with the same page. */
async function likesAnyPath(probe: Probe, service: Service, address: string, port: number): Promise<boolean> {
  const ask = asker(address, port, askMs)
  return isWell(await runProbe(probe, address, service, (_, init) => ask(nobodysPath, init)))
}

/**
 * How the port is held: `taken` by what has the service's path, sick or late though it may be; by something that is
 * `lacking` that path; or `empty`.
 */
async function placeOf({ kind, port }: Service, path: string, address: string): Promise<'taken' | 'lacking' | 'empty'> {
  try {
    const answer = await asker(address, port, askMs)(path)
    const foreign = kind !== 'http' && answer.status === 200 && !listsModels(answer)
    return foreign || [404, 405].includes(answer.status) ? 'lacking' : 'taken'
  } catch (error) {
    return isLate(error) ? 'taken' : 'empty'
  }
}

function listsModels(answer: Answer): boolean {
  try {
    engineModels(answer)
    return true
  } catch {
    return false
  }
}
