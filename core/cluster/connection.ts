import { createHash } from 'node:crypto'
import { connect as openSocket, type Socket } from 'node:net'
import { Client, type ClientChannel } from 'ssh2'
import { backoff } from './backoff'
import { channels } from './channels'
import { connected, type Link, type LinkFailure, linkAfter, needsPerson, neverTried } from './link'
import { shellText } from './shell'

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

export interface RunOptions {
  input?: string | Uint8Array
  timeoutMs?: number
  signal?: AbortSignal
  /** More output than this ends the command with an error. */
  maxBytes?: number
}

export interface RunResult {
  code: number | null
  signal: string | null
  stdout: string
  stderr: string
}

export interface StreamOptions {
  signal?: AbortSignal
  onData(chunk: Buffer): void
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

export class NotConnectedError extends Error {
  override name = 'NotConnectedError'
}

const markName = 'SPARK_CONTROL_RUN'
const killer = `
for found in $(grep -lsz -- "^$1$" /proc/[0-9]*/environ); do
  pid=\${found#/proc/}
  kill -KILL "\${pid%/environ}"
done`

// DH groups block Bun's event loop for seconds in ssh2's JS big-number code; chacha20 is not in Bun's cipher list.
const algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256'],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr'],
} as const

// An SSH packet need not hold more than 32 768 bytes (RFC 4253 §6.1); a longer one ends the whole connection.
const longestCommand = 32_000

/** Keeps one SSH connection to one host alive: reconnects with jittered backoff, never after a refusal. */
export function sshConnection(options: ConnectionOptions): Connection {
  const { address, port, user, connectTimeoutMs = 3000, handshakeTimeoutMs = 4000, maxChannels = 8 } = options
  const places = channels(maxChannels)
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

  async function open(argv: readonly string[], mark: string): Promise<ClientChannel> {
    const line = shellText(['env', `${markName}=${mark}`, ...argv])
    const bytes = Buffer.byteLength(line)
    if (bytes > longestCommand)
      throw new Error(`${argv[0]}: the command is ${bytes} bytes, SSH carries ${longestCommand}; shorten it`)
    return new Promise((resolve, reject) => {
      const current = client
      if (!current || link !== connected) return reject(notConnected())
      const lost = () => reject(notConnected())
      current.once('close', lost)
      try {
        // ssh2 throws here, not through the callback, when the link has just gone.
        current.exec(line, (error, channel) => {
          current.off('close', lost)
          if (error) reject(new NotConnectedError(`${address}: ${error.message}; it is tried again by itself`))
          else resolve(channel)
        })
      } catch {
        current.off('close', lost)
        reject(notConnected())
      }
    })
  }

  // sshd passes no signal on for root, nor for a forced command; the mark in their environment finds the processes.
  async function killMarked(mark: string) {
    try {
      const channel = await open(['sh', '-c', killer, 'spark-control-kill', `${markName}=${mark}`], 'none')
      channel.resume().end()
    } catch {
      // The link is down: sshd has ended what belonged to it.
    }
  }

  function notConnected() {
    return new NotConnectedError(
      `${address}: ${link.cause ?? 'not connected yet'}; ${link.remedy ?? 'try again shortly'}`,
    )
  }

  async function attach(
    argv: readonly string[],
    signal: AbortSignal | undefined,
    listen: (channel: ClientChannel) => void,
  ) {
    const release = await places.acquire(signal)
    const mark = Bun.randomUUIDv7()
    try {
      const channel = await open(argv, mark)
      const owner = client
      listen(channel)
      return await finished(channel, owner, mark, signal)
    } finally {
      release()
    }
  }

  function finished(channel: ClientChannel, owner: Client | null, mark: string, signal?: AbortSignal) {
    return new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
      let exit: { code: number | null; signal: string | null } | null = null
      let stubborn: ReturnType<typeof setTimeout> | undefined
      const abort = () => {
        channel.signal('TERM')
        stubborn = setTimeout(() => {
          void killMarked(mark)
          channel.close()
          settle(() => reject(signal?.reason))
        }, 1500)
      }
      const lost = () => settle(() => reject(notConnected()))
      function settle(how: () => void) {
        clearTimeout(stubborn)
        signal?.removeEventListener('abort', abort)
        owner?.off('close', lost)
        how()
      }
      channel.on('exit', (code: number | null, name?: string) => {
        exit = { code, signal: name ?? null }
      })
      channel.on('close', () =>
        settle(() => {
          if (signal?.aborted) reject(signal.reason)
          else if (exit) resolve(exit)
          else reject(notConnected())
        }),
      )
      owner?.once('close', lost)
      signal?.addEventListener('abort', abort, { once: true })
      if (signal?.aborted) abort()
    })
  }

  async function run(argv: readonly string[], run: RunOptions = {}): Promise<RunResult> {
    const { input, timeoutMs = 15_000, maxBytes = 4 * 1024 * 1024 } = run
    const limit = new AbortController()
    const signal = run.signal ? AbortSignal.any([run.signal, limit.signal]) : limit.signal
    const out: Buffer[] = []
    const err: Buffer[] = []
    let bytes = 0
    // A throw in a data handler would end the whole connection (ssh2's parser catches it), so this only pushes.
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) limit.abort(new Error(`${argv[0]}: printed over ${maxBytes} bytes; ask for less`))
      else into.push(chunk)
    }
    const clock = setTimeout(
      () => limit.abort(new Error(`${argv[0]}: took over ${timeoutMs / 1000} s on ${address}; try again`)),
      timeoutMs,
    )
    try {
      const exit = await attach(argv, signal, (channel) => {
        channel.on('data', collect(out))
        channel.stderr.on('data', collect(err))
        channel.end(input)
      })
      return { ...exit, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
    } finally {
      clearTimeout(clock)
    }
  }

  async function stream(argv: readonly string[], { signal, onData }: StreamOptions) {
    return attach(argv, signal, (channel) => {
      channel.on('data', (chunk: Buffer) => {
        try {
          onData(chunk)
        } catch (error) {
          queueMicrotask(() => {
            throw error
          })
        }
      })
      channel.stderr.resume()
      channel.end()
    })
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
    run,
    stream,
    ready,
    retry,
    close,
  }
}

/** `SHA256:…` of a raw host key, as `ssh-keygen -lf` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}
