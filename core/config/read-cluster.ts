import type { Cluster, DeclaredKind, Host, RecipeSource, Service, WebhookTarget } from './cluster'
import type { Path, PathProblem } from './document'
import { addressProblem } from './host-address'
import { suggestion } from './nearest'
import { webhookUrlProblem } from './webhook-url'

type Fields = Record<string, unknown>
type Sound = (path: Path) => boolean

/**
 * Fills in the defaults of a validated file. What is not `sound` is left out, so that a file with a mistake can still be
 * looked over as a whole; the problems are those no schema can express.
 */
export function readCluster(
  value: unknown,
  kinds: readonly DeclaredKind[],
  sound: Sound,
): { cluster: Cluster; problems: PathProblem[] } {
  const problems: PathProblem[] = []
  const config = fields(value)
  const hostIds = Object.keys(fields(config.hosts))
  const hosts = entriesOf('hosts').map(([id, host]) => readHost(id, fields(host)))
  const services = entriesOf('services').flatMap(([id, service]) => readService(id, fields(service)) ?? [])
  const aliases: Record<string, string> = {}
  for (const [name, target] of entriesOf('aliases')) if (sound(['aliases', name])) aliases[name] = String(target)
  const swap = sound(['swap']) ? fields(config.swap) : {}
  const cluster: Cluster = {
    name: text(config.name) ?? 'Spark Control',
    demo: config.demo === true,
    hosts: hosts.filter(({ id }) => sound(['hosts', id])),
    services: services.filter(({ id }) => sound(['services', id])),
    aliases,
    recipeSources: sound(['recipes']) ? sources(config.recipes) : [],
    hubToken: sound(['models']) ? text(fields(config.models).token) : null,
    hub: sound(['models']) ? hubOf(fields(config.models).hub) : standardHub,
    webhooks: sound(['webhooks']) ? readWebhooks() : [],
    holdS: number(swap.hold_s) ?? 20,
    drainS: number(swap.drain_s) ?? 30,
    allowedHosts: sound(['guard']) ? list(fields(config.guard).allowed_hosts) : [],
    sshKey: text(fields(config.ssh).key),
  }
  return { cluster, problems }

  function entriesOf(section: string): [string, unknown][] {
    return Object.entries(fields(config[section]))
  }

  function readHost(id: string, host: Fields): Host {
    for (const key of ['address', 'fabric']) {
      const address = text(host[key])
      const wrong = address !== null && sound(['hosts', id, key]) ? addressProblem(address) : null
      if (wrong) problems.push({ ...wrong, path: ['hosts', id, key], problem: `"${address}" ${wrong.problem}` })
    }
    return {
      id,
      title: text(host.title) ?? id,
      address: String(host.address),
      sshPort: number(host.ssh_port) ?? 22,
      user: String(host.user),
      launcher: text(host.launcher),
      fabric: text(host.fabric),
      models: list(host.models),
      reserveBytes: (number(host.reserve_gib) ?? 4) * 2 ** 30,
    }
  }

  function readService(id: string, options: Fields): Service | null {
    const kind = kinds.find((one) => one.kind === options.kind)
    const port = number(options.port) ?? kind?.defaultPort
    if (kind && port === undefined && options.port === null)
      problems.push({
        path: ['services', id, 'port'],
        problem: 'is blank',
        remedy: `kind ${kind.kind} has no default port; fill it in`,
      })
    const places = hostsOf(id, options)
    if (!kind || port === undefined || !places) return null
    const user = text(options.user)
    const nobody = kind.ownUser === true && user === null
    return {
      id,
      kind: kind.kind,
      title: text(options.title) ?? id,
      hosts: places,
      port,
      container: text(options.container),
      user,
      model: text(options.model),
      offers: list(options.offers),
      hidden: options.hidden === true || nobody,
      disabled: options.disabled === true || nobody,
      options,
    }
  }

  function readWebhooks(): WebhookTarget[] {
    const declared = Array.isArray(config.webhooks) ? config.webhooks.map(fields) : []
    const targets = declared.map(({ url, secret, events }) => ({
      url: String(url),
      secret: String(secret),
      events: list(events),
    }))
    for (const [index, { url }] of targets.entries()) {
      const twice = targets.findIndex((each) => each.url === url) < index
      const wrong = twice ? { problem: 'is declared twice', remedy: 'keep one of the two' } : webhookUrlProblem(url)
      if (wrong) problems.push({ ...wrong, path: ['webhooks', index, 'url'] })
    }
    return targets
  }

  /** Null when a host is missing or unknown, which was then reported, or is broken itself. */
  function hostsOf(id: string, { host, hosts: several }: Fields): Host[] | null {
    const path: Path = ['services', id]
    if (host !== undefined && several !== undefined) {
      problems.push({ path: [...path, 'hosts'], problem: '"host" is set too', remedy: 'keep one of the two' })
      return null
    }
    if (host === undefined && several === undefined) {
      problems.push({ path, problem: '"host" is missing', remedy: `add host: ${hostIds.join(' or ')}` })
      return null
    }
    const named = several === undefined ? [String(host)] : list(several)
    for (const [index, name] of named.entries()) {
      if (hostIds.includes(name)) continue
      const at = several === undefined ? [...path, 'host'] : [...path, 'hosts', index]
      problems.push({
        path: at,
        problem: `there is no host "${name}"`,
        remedy: suggestion(name, hostIds, 'known hosts'),
      })
    }
    const found = named.flatMap((name) => hosts.find((one) => one.id === name) ?? [])
    return found.length === named.length ? found : null
  }
}

const standardHub = 'https://huggingface.co'

// `true` is as good as left out.
function hubOf(hub: unknown): string | null {
  return hub === false ? null : (text(hub)?.replace(/\/+$/, '') ?? standardHub)
}

function sources(value: unknown): RecipeSource[] {
  if (!Array.isArray(value)) return []
  return value.map(fields).map(({ name, folder, host, trusted }) => ({
    name: String(name),
    folder: String(folder),
    host: text(host),
    trusted: trusted === true,
  }))
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** A blank value is as good as none. */
function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
