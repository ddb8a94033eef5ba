import { createHash } from 'node:crypto'
import { connect as openSocket, type Socket } from 'node:net'
import { Client } from 'ssh2'
import { backoff } from './backoff'
import { connected, type Link, type LinkFailure, linkAfter, needsPerson, neverTried } from './link'
import {
  NotConnectedError,
  type RunOptions,
  type RunResult,
  remoteCommands,
  type StreamOptions,
} from './remote-commands'

export interface ConnectionOptions {
  address: string
  port: number
  user: string
  privateKey: string
  /** The pinned fingerprint (`SHA256:…`), or null before the first contact. */
  pinned(): string | null
  /** Called once, on first contact. */
  pin(fingerprint: string): void
  onLink?(link: Link): void
  connectTimeoutMs?: number
  handshakeTimeoutMs?: number
  maxChannels?: number
}

export interface Connection {
  readonly link: Link
  /** Runs one command to its end. Rejects with `NotConnectedError` when the link is down or falls. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Runs a command that keeps talking; resolves when it ends, is aborted, or the link falls. */
  stream(argv: readonly string[], options: StreamOptions): Promise<{ code: number | null }>
  /** Resolves when connected. */
  ready(signal?: AbortSignal): Promise<void>
  /** Tries now, also after a refusal. */
  retry(): void
  close(): void
}

// DH groups block Bun's event loop for seconds in ssh2's JS big-number code; chacha20 is not in Bun's cipher list.
const algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256'],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr'],
} as const

/** Keeps one SSH connection to one host alive: reconnects with jittered backoff, never after a refusal. */
export function sshConnection(options: ConnectionOptions): Connection {
  const { address, port, user, connectTimeoutMs = 3000, handshakeTimeoutMs = 4000, maxChannels = 8 } = options
  let link = neverTried
  let client: Client | null = null
  let dialing: Socket | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let attempt = 0
  let closed = false
  const waiters = new Set<() => void>()

  function setLink(next: Link) {
    const changed = next.code !== link.code || next.cause !== link.cause
    link = next
    if (next === connected) for (const wake of [...waiters]) wake()
    if (changed) options.onLink?.(next)
  }

  function dial() {
    if (closed || client || dialing) return
    const socket = openSocket({ host: address, port })
    dialing = socket
    socket.setTimeout(connectTimeoutMs, () =>
      socket.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
    )
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (dialing !== socket) return
      dialing = null
      fail({ stage: 'connect', code: error.code ?? 'ERROR', message: error.message })
    })
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.removeAllListeners('error')
      dialing = null
      handshake(socket)
    })
  }

  function handshake(socket: Socket) {
    const next = new Client()
    client = next
    let stage: LinkFailure['stage'] = 'handshake'
    let hostKey: LinkFailure['hostKey']
    let failure: LinkFailure | null = null
    next.on('handshake', () => {
      stage = 'authentication'
    })
    next.on('ready', () => {
      stage = 'established'
      attempt = 0
      setLink(connected)
    })
    next.on('error', (error: Error & { level?: string }) => {
      const refused = error.level === 'client-authentication'
      const at = stage === 'authentication' && !refused ? 'handshake' : stage
      failure ??= {
        stage: refused ? 'authentication' : at,
        code: error.level ?? 'error',
        message: error.message,
        hostKey,
      }
    })
    next.on('close', () => {
      if (client !== next) return
      client = null
      fail(
        failure ?? {
          stage: stage === 'authentication' ? 'handshake' : stage,
          code: 'closed',
          message: 'closed by the host',
          hostKey,
        },
      )
    })
    next.connect({
      sock: socket,
      username: user,
      privateKey: options.privateKey,
      readyTimeout: handshakeTimeoutMs,
      keepaliveInterval: 300,
      keepaliveCountMax: 3,
      agentForward: false,
      algorithms: {
        kex: [...algorithms.kex],
        serverHostKey: [...algorithms.serverHostKey],
        cipher: [...algorithms.cipher],
      },
      hostVerifier(key: Buffer) {
        const shown = fingerprint(key)
        const pinned = options.pinned()
        if (pinned === null) options.pin(shown)
        else if (pinned !== shown) hostKey = { pinned, shown }
        return hostKey === undefined
      },
    })
  }

  function fail(failure: LinkFailure) {
    if (closed) return
    setLink(linkAfter(failure, address, port, user))
    if (needsPerson(link)) return
    timer = setTimeout(dial, backoff(attempt++))
  }

  const commands = remoteCommands({
    address,
    maxChannels,
    client: () => (link === connected ? client : null),
    notConnected,
  })

  function notConnected() {
    return new NotConnectedError(
      `${address}: ${link.cause ?? 'not connected yet'}; ${link.remedy ?? 'try again shortly'}`,
    )
  }

  function ready(signal?: AbortSignal): Promise<void> {
    if (link === connected) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const wake = () => {
        waiters.delete(wake)
        signal?.removeEventListener('abort', gone)
        resolve()
      }
      const gone = () => {
        waiters.delete(wake)
        reject(signal?.reason)
      }
      waiters.add(wake)
      signal?.addEventListener('abort', gone, { once: true })
    })
  }

  function retry() {
    if (timer) clearTimeout(timer)
    attempt = 0
    dial()
  }

  function close() {
    closed = true
    if (timer) clearTimeout(timer)
    dialing?.destroy()
    client?.end()
    client?.destroy()
    client = null
    setLink(neverTried)
  }

  dial()
  return {
    get link() {
      return link
    },
    ...commands,
    ready,
    retry,
    close,
  }
}

/** `SHA256:…` of a raw host key, as `ssh-keygen -lf` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}
