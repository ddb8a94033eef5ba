import type { Host, Service } from '../config/cluster'
import { type HostsOptions, type LiveHost, liveHost } from './hosts'
import type { Link } from './link'

export interface LoginsOptions extends Pick<HostsOptions, 'key' | 'hostKeys'> {
  hosts: Map<string, LiveHost>
  /** The own login of a service got on, fell or was refused. */
  onLink(service: Service, link: Link): void
  /** How long a connection for logs stays open when nobody uses it. */
  idleMs?: number
}

/** Who logs in for a service: the host's user, or its own over its own connection. */
export interface Logins {
  /** For commands; opened when it is first asked for. @param host the head when left out */
  of(service: Service, host?: Host): LiveHost
  /** For what talks much, apart from commands, so that a flood can't hold them up; give it back when done. */
  bulk(service: Service, host: Host): { live: LiveHost; release(): void }
  /** How its own login stands; null where it has none, or none was needed yet. */
  link(service: Service): Link | null
  close(): void
}

/** Opens logins as they are needed; each is trusted by the same pinned host key. */
export function logins({ hosts, key, hostKeys, onLink, idleMs = 60_000 }: LoginsOptions): Logins {
  const own = new Map<string, LiveHost>()
  const bulks = new Map<string, { live: LiveHost; users: number; timer?: ReturnType<typeof setTimeout> }>()

  function of(service: Service, host = headOf(service)): LiveHost {
    const { user } = service
    const shared = hosts.get(host.id)
    if (user === null || user === host.user) return shared ?? missing(host.id)
    const name = `${host.id} ${user} ${service.id}`
    const known = own.get(name)
    if (known) return known
    const opened = liveHost({ ...host, user }, { key, hostKeys, onLink: (_, link) => onLink(service, link) })
    own.set(name, opened)
    return opened
  }

  function bulk({ user }: Service, host: Host) {
    const as = { ...host, user: user ?? host.user }
    const name = `${as.id} ${as.user}`
    const known = bulks.get(name) ?? { live: liveHost(as, { key, hostKeys }), users: 0 }
    bulks.set(name, known)
    clearTimeout(known.timer)
    known.users++
    let held = true
    return {
      live: known.live,
      release() {
        if (!held) return
        held = false
        if (--known.users > 0) return
        known.timer = setTimeout(() => {
          bulks.delete(name)
          known.live.close()
        }, idleMs)
      },
    }
  }

  return {
    of,
    bulk,
    link(service) {
      const host = headOf(service)
      return own.get(`${host.id} ${service.user} ${service.id}`)?.link ?? null
    },
    close() {
      for (const live of own.values()) live.close()
      for (const { live, timer } of bulks.values()) {
        clearTimeout(timer)
        live.close()
      }
    },
  }
}

function headOf(service: Service): Host {
  return service.hosts[0] ?? missing(service.id)
}

function missing(id: string): never {
  throw new Error(`${id}: is not declared; add it under hosts`)
}
