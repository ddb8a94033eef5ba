import type { GpuProcess, HostFacts, HostView } from '../../cluster/snapshot'
import type { Host, Service } from '../../config/cluster'
import { containerOf } from '../../launchers/container'

/** Who holds memory on a host. */
export interface MemoryUse {
  /** Id of the declared service it belongs to; null where it is nobody's that we know. */
  service: string | null
  /** For a person: the service's title, a container's or a process' name. */
  name: string
  /** 0 for what ends, where the host does not tell how much that holds. */
  bytes: number
  /** The launch that is planned ends it, so its memory comes back. */
  ends: boolean
}

/** Where the memory of one host goes, in bytes; a null is not known. */
export interface HostLedger {
  host: string
  /** RFC 3339 of the figures; null while the host was never seen. */
  seen_at: string | null
  total_bytes: number | null
  available_bytes: number | null
  /** Page cache: counts as used for the GPU until the kernel takes it back. */
  cached_bytes: number | null
  /** Never given to a model, so that the host stays reachable. */
  reserve_bytes: number
  uses: MemoryUse[]
}

export interface LedgerInput {
  host: Host
  /** Every declared service; those on other hosts are passed over. */
  services: Service[]
  /** Ids of the services whose models end before the launch. */
  ends: readonly string[]
  /** Ids of those that answer with a model now: something runs there, whatever its container or its processes are called. */
  serving?: readonly string[]
  /** What the model that was launched into a service takes of this host; null where that is not known. */
  taken?(service: string): number | null
}

/** What an idle DGX OS with docker holds is 5 to 7 GiB; more than this is somebody's. */
export const idleBytes = 8 * 2 ** 30

/** What holds the rest of the memory that is used. */
export const others = 'system and others'

/** Says who holds the memory of a host, largest first, as well as its figures tell. */
export function ledger(view: HostView, input: LedgerInput): HostLedger {
  const { host, services, ends, serving = [], taken = () => null } = input
  const { facts } = view
  const here = services.filter((each) => !each.disabled && each.hosts.some(({ id }) => id === view.id))
  // What answers is on the head; whether more hosts are in it only their containers tell.
  const serves = ({ id, hosts }: Service) => serving.includes(id) && hosts[0]?.id === view.id
  const total = facts?.memory_total_bytes ?? null
  const available = facts?.memory_available_bytes ?? null
  const used = total === null || available === null ? 0 : total - available
  const uses = facts ? usesOf(facts, used, here, { ends: ({ id }) => ends.includes(id), serves, taken }) : []
  const rest = Math.max(0, used - sum(uses))
  return {
    host: view.id,
    seen_at: facts?.seen_at ?? null,
    total_bytes: total,
    available_bytes: available,
    cached_bytes: facts?.memory_cached_bytes ?? null,
    reserve_bytes: host.reserveBytes,
    uses: [...uses, { service: null, name: others, bytes: rest, ends: false }]
      .filter(({ bytes, ends }) => bytes > 0 || ends)
      .sort((a, b) => b.bytes - a.bytes),
  }
}

interface Known {
  ends(service: Service): boolean
  serves(service: Service): boolean
  taken(service: string): number | null
}

function usesOf(facts: HostFacts, used: number, services: Service[], { ends, serves, taken }: Known): MemoryUse[] {
  const uses = new Map<string, MemoryUse>()
  const running = services.filter((service) => (ends(service) && serves(service)) || mayRun(service, facts))
  const models = running.filter(({ kind }) => kind === 'vllm')
  const owner = ownerAmong(running, models, facts.gpu_processes ?? [])
  let ofModels = 0
  for (const process of facts.gpu_processes ?? []) {
    const found = owner(process.name)
    if (found === 'models') ofModels += process.bytes
    else use(found, process.name, process.bytes)
  }
  const shares = shareOut(ofModels, models, taken)
  for (const [service, bytes] of shares) use(service, service.title, bytes)
  const rest = ofModels - [...shares.values()].reduce((all, bytes) => all + bytes, 0)
  if (rest > 0) use(null, 'models', rest)
  // A model that was loaded a moment ago is not among the processes yet, which are asked for every quarter of a minute.
  for (const model of models) {
    const missing = (taken(model.id) ?? 0) - (uses.get(`service ${model.id}`)?.bytes ?? 0)
    const spare = used - sum([...uses.values()]) - idleBytes
    if (missing > 0 && spare > 0) use(model, '', Math.min(missing, spare))
  }
  for (const ending of services.filter(ends)) {
    // That it ends is sure; how much it gives back only the wait for it can tell.
    const there = serves(ending) || (facts.gpu_processes === null ? running.includes(ending) : runs(ending, facts))
    if (there && !uses.has(`service ${ending.id}`)) use(ending, '', 0)
  }
  return [...uses.values()]

  function use(service: Service | null, process: string, bytes: number) {
    const name = service?.title ?? shortName(process)
    const key = service ? `service ${service.id}` : `process ${name}`
    const all = (uses.get(key)?.bytes ?? 0) + bytes
    uses.set(key, { service: service?.id ?? null, name, bytes: all, ends: service !== null && ends(service) })
  }
}

const sum = (uses: MemoryUse[]) => uses.reduce((all, { bytes }) => all + bytes, 0)

/**
 * What engines of several services hold together, by what was launched into each: nvidia-smi tells no container. One that was
 * launched by hand has what the others leave; of two such nothing tells which has what.
 */
function shareOut(bytes: number, models: Service[], taken: Known['taken']): Map<Service, number> {
  const known = models.flatMap((service) => {
    const takes = taken(service.id)
    return takes === null ? [] : [{ service, takes }]
  })
  const unknown = models.filter((service) => !known.some((each) => each.service === service))
  const told = known.reduce((all, { takes }) => all + takes, 0)
  if (bytes === 0 || told === 0) return new Map()
  const factor = unknown.length === 0 ? bytes / told : Math.min(1, bytes / told)
  const shares = new Map(known.map(({ service, takes }) => [service, Math.floor(takes * factor)]))
  if (unknown.length > 1) return shares
  const heir = unknown[0] ?? known.at(-1)?.service
  const left = bytes - [...shares.values()].reduce((all, each) => all + each, 0)
  if (heir && left > 0) shares.set(heir, (shares.get(heir) ?? 0) + left)
  return shares
}

/**
 * nvidia-smi names processes, not containers: engines name themselves, others are known only where they are called like a service.
 * @returns `models`: of one of several model services
 */
function ownerAmong(
  running: Service[],
  models: Service[],
  processes: GpuProcess[],
): (process: string) => Service | 'models' | null {
  const others = running.filter(({ kind }) => kind !== 'vllm')
  // An engine of another sort may be of a service that answers like one, unless that is known by its own name.
  const mayBeTheirs = others.some(
    (service) => service.kind === 'openai' && !processes.some(({ name }) => named(name, [service]) !== null),
  )
  return (process) => {
    const called = named(process, others)
    const ofModel = vllm.test(process) || (!mayBeTheirs && engine.test(process))
    if (called || !ofModel) return called
    return models.length > 1 ? 'models' : (models[0] ?? null)
  }
}

const vllm = /^VLLM::/i
// Workers of Ray, SGLang and TensorRT-LLM name themselves too; the others are programs.
const engine = /^(ray|sglang|trtllm)::|(^|\/)(llama-server|vllm|sglang|trtllm-serve|tabbyapi)( |$)|-m (vllm|sglang)\b/i

function named(process: string, services: Service[]): Service | null {
  const name = shortName(process).toLowerCase()
  const called = services.filter(({ id, container }) => [id, container].includes(name))
  return called.length === 1 ? (called[0] ?? null) : null
}

/** A service whose container is known to stand still holds nothing; where no container is known it may run. */
function mayRun(service: Service, { containers }: HostFacts): boolean {
  const name = service.kind === 'vllm' ? containerOf(service) : service.container
  if (name === null || containers.length === 0) return true
  return runs(service, { containers })
}

function runs(service: Service, { containers }: Pick<HostFacts, 'containers'>): boolean {
  const name = service.kind === 'vllm' ? containerOf(service) : service.container
  return containers.some((each) => each.name === name && each.state === 'running')
}

/** `/usr/local/bin/ollama runner` is `ollama`. */
function shortName(process: string): string {
  const [program = process] = process.split(' ', 1)
  return program.slice(program.lastIndexOf('/') + 1) || process
}
