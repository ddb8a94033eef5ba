import type { DeclaredKind, Host, Service } from './cluster'
import type { Path } from './document'

/** Two parts of the file that cannot both be true; `path` is the later one. */
export interface Conflict {
  path: Path
  problem: string
  remedy: string
}

/** Hosts that are the same machine, services on the same port, endpoints and models that two services claim. */
export function findConflicts(
  hosts: readonly Host[],
  services: readonly Service[],
  kinds: readonly DeclaredKind[],
): Conflict[] {
  const served = services.filter(({ disabled }) => !disabled)
  return [...sameMachine(hosts), ...samePort(served), ...sameEndpoint(served, kinds)]
}

function sameMachine(hosts: readonly Host[]): Conflict[] {
  return clashes(
    hosts.map((host) => ({ key: `${host.address.toLowerCase()}:${host.sshPort}`, item: host })),
    (host, first, key) => ({
      path: ['hosts', host.id, 'address'],
      problem: `host ${first.id} has the same address (${key})`,
      remedy: 'give each Spark its own address, or remove one',
    }),
  )
}

/** Only the head of a service that spans hosts listens. Hosts behind one address share its ports. */
function samePort(services: readonly Service[]): Conflict[] {
  const places = services.flatMap((service) => {
    const head = service.hosts[0]
    return head ? [{ key: `${head.address.toLowerCase()}:${service.port}`, item: service }] : []
  })
  return clashes(places, (service, first) => ({
    path: ['services', service.id, 'port'],
    problem: `service ${first.id} has port ${service.port} on the same host`,
    remedy: 'give one of them another port, or disable one',
  }))
}

const byModel = / by model$/

function sameEndpoint(services: readonly Service[], kinds: readonly DeclaredKind[]): Conflict[] {
  const claimants = new Map<string, { service: Service; shared: boolean }[]>()
  for (const service of services) {
    const claims = kinds.find(({ kind }) => kind === service.kind)?.claims?.(service) ?? []
    for (const claim of new Set(claims)) {
      const endpoint = normal(claim.replace(byModel, ''))
      claimants.set(endpoint, [...(claimants.get(endpoint) ?? []), { service, shared: byModel.test(claim) }])
    }
  }
  return [...claimants].flatMap(([endpoint, all]): Conflict[] => {
    if (all.length < 2) return []
    if (all.every(({ shared }) => shared)) return sameModel(all.map(({ service }) => service))
    return all.slice(1).map(({ service }) => ({
      path: ['services', service.id],
      problem: `${endpoint} is served by ${all[0]?.service.id} already`,
      remedy: 'give one of them another path, or disable one',
    }))
  })
}

function sameModel(services: readonly Service[]): Conflict[] {
  const named = services.flatMap((service) => (service.model ? [{ key: service.model, item: service }] : []))
  return clashes(named, (service, first, model) => ({
    path: ['services', service.id, 'model'],
    problem: `service ${first.id} names the model ${model} too`,
    remedy: 'disable one of them, or name another model',
  }))
}

function clashes<T>(
  entries: { key: string; item: T }[],
  conflict: (item: T, first: T, key: string) => Conflict,
): Conflict[] {
  const firsts = new Map<string, T>()
  return entries.flatMap(({ key, item }) => {
    const first = firsts.get(key)
    if (first) return [conflict(item, first, key)]
    firsts.set(key, item)
    return []
  })
}

/** `/a/:id` and `/a/:name` are one path, and so are `/a` and `/a/`. */
function normal(endpoint: string): string {
  return endpoint.replace(/:[^/]+/g, ':id').replace(/(?<=[^ ])\/$/, '')
}
