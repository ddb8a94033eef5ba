import { containerOf, masterPortOf } from '../launchers/container'
import type { DeclaredKind, Host, Service } from './cluster'
import type { PathProblem } from './document'

/** Hosts that are the same machine, services on the same port or in the same container, endpoints and models that two services claim; `path` is the later of the two. */
export function findConflicts(
  hosts: readonly Host[],
  services: readonly Service[],
  kinds: readonly DeclaredKind[],
): PathProblem[] {
  const served = services.filter(({ disabled }) => !disabled)
  const all = [
    ...sameMachine(hosts),
    ...samePort(served),
    ...sameContainer(served),
    ...sameMasterPort(served),
    ...sameEndpoint(served, kinds),
  ]
  // Two services of one model share every endpoint, and are told so once.
  return [...new Map(all.map((one) => [`${one.path.join('.')}: ${one.problem}`, one])).values()]
}

function sameMachine(hosts: readonly Host[]): PathProblem[] {
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
function samePort(services: readonly Service[]): PathProblem[] {
  const places = services.flatMap((service) => {
    const head = service.hosts[0]
    return head && service.port !== 0 ? [{ key: `${head.address.toLowerCase()}:${service.port}`, item: service }] : []
  })
  return clashes(places, (service, first) => ({
    path: ['services', service.id, 'port'],
    problem: `service ${first.id} has port ${service.port} on the same host`,
    remedy: 'give one of them another port, or disable one',
  }))
}

/** A swap of one would end the model of the other. */
function sameContainer(services: readonly Service[]): PathProblem[] {
  const models = services.filter(({ kind }) => kind === 'vllm')
  return models.flatMap((service, index) => {
    const container = containerOf(service)
    const other = models.slice(0, index).find((each) => containerOf(each) === container && shared(each, service))
    if (!other) return []
    return [
      {
        path: ['services', service.id, 'container'],
        problem: `service ${other.id} has the container ${container} on ${shared(other, service)} too`,
        remedy: `give each a name of its own, as container: vllm_${service.id}`,
      },
    ]
  })
}

// launch-cluster.sh's own where nothing tells it another.
const usualMasterPort = 29501

/** The Sparks of a launch meet on a port of its head. */
function sameMasterPort(services: readonly Service[]): PathProblem[] {
  const places = services.flatMap((service) => {
    const [head, ...workers] = service.hosts
    if (service.kind !== 'vllm' || !head || workers.length === 0) return []
    return [{ key: `${head.id}:${masterPortOf(service) ?? usualMasterPort}`, item: service }]
  })
  return clashes(places, (service, first, key) => ({
    path: ['services', service.id, 'master_port'],
    problem: `the Sparks of service ${first.id} meet on port ${key.split(':').at(-1)} of the same head`,
    remedy: `give one of them another, as master_port: ${usualMasterPort + 1}`,
  }))
}

/** A host that both stand on; undefined where there is none. */
function shared(one: Service, other: Service): string | undefined {
  return one.hosts.find(({ id }) => other.hosts.some((host) => host.id === id))?.id
}

const byModel = / by model$/

function sameEndpoint(services: readonly Service[], kinds: readonly DeclaredKind[]): PathProblem[] {
  const claimants = new Map<string, Claimant[]>()
  for (const service of services) {
    const claims = kinds.find(({ kind }) => kind === service.kind)?.claims?.(service) ?? []
    for (const claim of new Set(claims)) {
      const endpoint = normal(claim.replace(byModel, ''))
      claimants.set(endpoint, [...(claimants.get(endpoint) ?? []), { service, shared: byModel.test(claim) }])
    }
  }
  return [...claimants].flatMap(([endpoint, all]) => claimedTwice(endpoint, all))
}

type Claimant = { service: Service; shared: boolean }

function claimedTwice(endpoint: string, all: readonly Claimant[]): PathProblem[] {
  const sharing = all.filter(({ shared }) => shared)
  if (sharing.length === all.length) return sameModel(all.map(({ service }) => service))
  const [first, ...later] = [...sharing, ...all.filter(({ shared }) => !shared)]
  return later
    .filter(({ shared }) => !shared)
    .map(({ service }) => ({
      path: ['services', service.id],
      problem: `${endpoint} is served by ${first?.service.id} already`,
      remedy: first?.shared
        ? 'name the model it serves, or give it another path'
        : 'give one of them another path, or disable one',
    }))
}

function sameModel(services: readonly Service[]): PathProblem[] {
  const named = services.flatMap((service) => (service.model ? [{ key: service.model, item: service }] : []))
  return clashes(named, (service, first, model) => ({
    path: ['services', service.id, 'model'],
    problem: `service ${first.id} names the model ${model} too`,
    remedy: 'disable one of them, or name another model',
  }))
}

function clashes<T>(
  entries: { key: string; item: T }[],
  conflict: (item: T, first: T, key: string) => PathProblem,
): PathProblem[] {
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
