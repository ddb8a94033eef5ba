import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { Client } from 'ssh2'
import { politeBackoff } from './backoff'
import { knock } from './knock'
import { type Link, type LinkFailure, linkAfter, linkUp, needsPerson, neverTried } from './link'
import { pulse } from './pulse'
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
  /** An SSH server that says nothing for so long is shown as unresponsive; it is waited for on. */
  bannerMs?: number
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

const askedMs = 250
// A login that is thrown out again and again must not become a storm of logins.
const shortLifeMs = 5000
// sshd forgets the penalty of one refused login long before.
const refusedMs = 300_000

/** Keeps one SSH connection to one host alive: knocks until it is reachable, notices silence, never tries again after a refusal. */
export function sshConnection(options: ConnectionOptions): Connection {
  const { address, port, user, bannerMs = 500, handshakeTimeoutMs = 8000, maxChannels = 8 } = options
  let link = neverTried
  let client: Client | null = null
  let stopKnocking: (() => void) | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let turnedAway = 0
  let closed = false
  const waiters = new Set<() => void>()

  function setLink(next: Link) {
    const changed = next.code !== link.code || next.cause !== link.cause
    link = next
    if (next.state === 'up') for (const wake of [...waiters]) wake()
    if (changed) options.onLink?.(next)
  }

  function dial() {
    if (closed || client || stopKnocking) return
    if (timer) clearTimeout(timer)
    timer = null
    stopKnocking = knock({
      address,
      port,
      onOpen(socket) {
        stopKnocking = null
        handshake(socket, Date.now())
      },
      onFailure(code) {
        // A lost link stays "lost" while nothing new is known; another cause replaces it, but not its beginning.
        if (link.code === 'link_lost' && code !== 'ECONNREFUSED') return
        const at = link.state === 'unreachable' ? link.since : undefined
        setLink(linkAfter({ stage: 'connect', code, message: code, at }, address, port, user))
      },
    })
  }

  function handshake(socket: Socket, openedAt: number) {
    const next = new Client()
    client = next
    const before = link
    let stage: LinkFailure['stage'] = 'handshake'
    let hostKey: LinkFailure['hostKey']
    let failure: LinkFailure | null = null
    let stopPulse = () => {}
    let readyAt = Number.POSITIVE_INFINITY
    const silent = setTimeout(() => {
      if (stage !== 'handshake' || client !== next) return
      // It fell silent when the link did, not only now.
      const at = before.state === 'up' || before.code === 'link_lost' ? before.since : openedAt
      fail({ stage, code: 'silent', message: 'no banner', at })
    }, bannerMs)
    socket.once('data', () => clearTimeout(silent))
    next.on('handshake', () => {
      stage = 'authentication'
    })
    next.on('ready', () => {
      stage = 'established'
      readyAt = performance.now()
      stopPulse = pulse(socket, {
        askedMs,
        onSilent(since) {
          failure = { stage: 'established', code: 'silent', message: 'no sign of life for a second', at: since }
          next.destroy()
        },
      })
      // What answered late was not back when its port opened.
      setLink(linkUp(link.state === 'unreachable' ? openedAt : Date.now()))
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
      clearTimeout(silent)
      stopPulse()
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
      const lived = performance.now() - readyAt
      if (lived > shortLifeMs) turnedAway = 0
      if (closed) return
      // A person has to act; that they did is noticed in the end without being told.
      if (needsPerson(link)) timer = setTimeout(dial, refusedMs)
      else again(lived < shortLifeMs && failure?.code !== 'silent')
    })
    next.connect({
      sock: socket,
      username: user,
      privateKey: options.privateKey,
      readyTimeout: handshakeTimeoutMs,
      // Only asks; the pulse decides, since it also knows when this program itself stood still.
      keepaliveInterval: askedMs,
      keepaliveCountMax: 1000,
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
    if (!closed) setLink(linkAfter(failure, address, port, user))
  }

  /** A link that fell is tried at once; an SSH server that hangs up is left in peace for longer and longer. */
  function again(thrownOut: boolean) {
    if (link.code === 'ssh_turned_away' || thrownOut) timer = setTimeout(dial, politeBackoff(turnedAway++))
    else dial()
  }

  const commands = remoteCommands({
    address,
    maxChannels,
    client: () => (link.state === 'up' ? client : null),
    notConnected,
  })

  function notConnected() {
    return new NotConnectedError(
      `${address}: ${link.cause ?? 'not connected yet'}; ${link.remedy ?? 'try again shortly'}`,
    )
  }

  function ready(signal?: AbortSignal): Promise<void> {
    if (link.state === 'up') return Promise.resolve()
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
    turnedAway = 0
    dial()
  }

  function close() {
    closed = true
    if (timer) clearTimeout(timer)
    stopKnocking?.()
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
