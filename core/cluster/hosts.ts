import type { Cluster, Host } from '../config/cluster'
import { resolveAddress } from './address'
import { backoff } from './backoff'
import { type Connection, sshConnection } from './connection'
import type { ControllerKey } from './controller-key'
import type { HostKeys } from './host-keys'
import { type Link, neverTried } from './link'
import { NotConnectedError, type RunOptions, type RunResult, type StreamOptions } from './remote-commands'

/** A declared host with its one connection. */
export interface LiveHost {
  host: Host
  /** The resolved IPv4 address; null until a name was resolved. */
  readonly address: string | null
  readonly link: Link
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  stream(argv: readonly string[], options: StreamOptions): Promise<{ code: number | null }>
  ready(signal?: AbortSignal): Promise<void>
  /** The key it showed when it was refused for having changed. */
  readonly shownHostKey: string | null
  retry(): void
  acceptHostKey(fingerprint: string): void
  close(): void
}

export interface HostsOptions {
  cluster: Cluster
  key: ControllerKey
  hostKeys: HostKeys
  onLink?(host: Host, link: Link): void
}

/** Opens one connection per declared host and keeps it. */
export function liveHosts(options: HostsOptions): Map<string, LiveHost> {
  return new Map(options.cluster.hosts.map((host) => [host.id, liveHost(host, options)]))
}

/** One connection to one host, as the user that the host names. */
export function liveHost(host: Host, { key, hostKeys, onLink }: Omit<HostsOptions, 'cluster'>): LiveHost {
  let connection: Connection | null = null
  let address: string | null = null
  let link: Link = neverTried
  let closed = false
  let resolving = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const opened = Promise.withResolvers<Connection>()

  function setLink(next: Link) {
    link = next
    onLink?.(host, next)
  }

  async function resolve(attempt = 0) {
    if (closed || address || resolving) return
    resolving = true
    try {
      address = await resolveAddress(host.address)
    } catch (error) {
      resolving = false
      const cause = (error as Error).message.split('; ')[0] ?? null
      setLink({
        state: 'unreachable',
        code: 'host_unreachable',
        since: link.state === 'unreachable' ? link.since : Date.now(),
        cause,
        remedy: 'use the IP address of that Spark in spark.config.yaml',
      })
      timer = setTimeout(() => resolve(attempt + 1), backoff(attempt + 1))
      return
    }
    if (closed) return
    connection = sshConnection({
      address,
      port: host.sshPort,
      user: host.user,
      privateKey: key.privateKey,
      pinned: () => hostKeys.pinned(host.id),
      pin: (fingerprint) => hostKeys.pin(host.id, fingerprint),
      onLink: setLink,
    })
    opened.resolve(connection)
  }

  function open(): Connection {
    if (!connection) throw new NotConnectedError(`${host.id}: ${link.cause ?? 'not connected yet'}; try again shortly`)
    return connection
  }

  void resolve()
  return {
    host,
    get address() {
      return address
    },
    get link() {
      return link
    },
    get shownHostKey() {
      return link.hostKey?.shown ?? null
    },
    run: async (argv, run) => open().run(argv, run),
    stream: async (argv, stream) => open().stream(argv, stream),
    ready: async (signal) => (connection ?? (await unless(signal, opened.promise))).ready(signal),
    retry() {
      if (connection) return connection.retry()
      clearTimeout(timer)
      void resolve()
    },
    acceptHostKey(fingerprint) {
      hostKeys.pin(host.id, fingerprint)
      connection?.retry()
    },
    close() {
      closed = true
      clearTimeout(timer)
      connection?.close()
    },
  }
}

/** A name that never resolves must not hold whoever waits longer than they want to. */
function unless<T>(signal: AbortSignal | undefined, coming: Promise<T>): Promise<T> {
  if (!signal) return coming
  const gone = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => gone.reject(signal.reason), { once: true })
  if (signal.aborted) gone.reject(signal.reason)
  return Promise.race([coming, gone.promise])
}
