import type { Client, ClientChannel } from 'ssh2'
import { channels } from './channels'
import { pause } from './pause'
import { shellText } from './shell'

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
  /** Length of stdout as it came; text that is no UTF-8 has another. */
  stdoutBytes: number
  stderr: string
}

export interface StreamOptions {
  signal?: AbortSignal
  /** What it throws ends the stream with that error. */
  onData(chunk: Buffer): void
  /** Called when the command runs, with the way to write to it; without this its input is empty. */
  onOpen?(write: (text: string) => void): void
}

export class NotConnectedError extends Error {
  override name = 'NotConnectedError'
}

/** A command took longer than it may, and was ended. */
export class TooLongError extends Error {
  override name = 'TooLongError'
}

/** sshd gave no further session on this connection (MaxSessions). */
class NoChannelError extends NotConnectedError {}

export interface RemoteCommandsOptions {
  address: string
  /** At most this many at once; sshd's own limit is 10. */
  maxChannels: number
  /** The connected client, or null. */
  client(): Client | null
  /** The error to give while there is none. */
  notConnected(): NotConnectedError
}

const markName = 'SPARK_CONTROL_RUN'
const killer = `
for found in $(grep -lsz -- "^$1$" /proc/[0-9]*/environ); do
  pid=\${found#/proc/}
  kill -KILL "\${pid%/environ}"
done`

// An SSH packet need not hold more than 32 768 bytes (RFC 4253 §6.1); a longer one ends the whole connection.
const longestCommand = 32_000
const openMs = 10_000

/** Runs commands over a connection that may come and go. */
export function remoteCommands({ address, maxChannels, client, notConnected }: RemoteCommandsOptions) {
  const places = channels(maxChannels)

  async function open(argv: readonly string[], mark: string, signal?: AbortSignal): Promise<ClientChannel> {
    const line = shellText(['env', `${markName}=${mark}`, ...argv])
    const bytes = Buffer.byteLength(line)
    if (bytes > longestCommand)
      throw new Error(`${argv[0]}: the command is ${bytes} bytes, SSH carries ${longestCommand}; shorten it`)
    return new Promise((resolve, reject) => {
      const current = client()
      if (!current) return reject(notConnected())
      // A connection that answers pings but opens no channel is of no use to anybody.
      const stuck = setTimeout(() => current.destroy(), openMs)
      const settle = (how: () => void) => {
        clearTimeout(stuck)
        current.off('close', lost)
        signal?.removeEventListener('abort', aborted)
        how()
      }
      const lost = () => settle(() => reject(notConnected()))
      const aborted = () => settle(() => reject(signal?.reason))
      current.once('close', lost)
      signal?.addEventListener('abort', aborted, { once: true })
      try {
        // ssh2 throws here, not through the callback, when the link has just gone.
        current.exec(line, (error, channel) => {
          if (signal?.aborted) return channel?.close()
          settle(() => {
            if (error)
              reject(new NoChannelError(`${address}: ${error.message}; raise MaxSessions in its sshd_config to 10`))
            else resolve(channel)
          })
        })
      } catch {
        lost()
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

  async function attach(
    argv: readonly string[],
    signal: AbortSignal | undefined,
    listen: (channel: ClientChannel) => void,
  ) {
    for (let tries = 0; ; tries++) {
      const release = await places.acquire(signal)
      const mark = Bun.randomUUIDv7()
      try {
        const channel = await open(argv, mark, signal)
        const owner = client()
        listen(channel)
        return await finished(channel, owner, mark, signal)
      } catch (error) {
        // It waits its turn among fewer, unless it was alone.
        if (!(error instanceof NoChannelError) || tries >= maxChannels) throw error
        places.shrink()
      } finally {
        release()
      }
      await pause(100, signal)
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
      // ssh2 tells the exit while it parses: when all came in one packet that was before this listened. `close` tells it again.
      channel.on('close', (code?: number | null, name?: string) => {
        if (code !== undefined) exit ??= { code, signal: name ?? null }
        settle(() => {
          if (signal?.aborted) reject(signal.reason)
          else if (exit) resolve(exit)
          else reject(notConnected())
        })
      })
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
      () => limit.abort(new TooLongError(`${argv[0]}: took over ${timeoutMs / 1000} s on ${address}; try again`)),
      timeoutMs,
    )
    try {
      const exit = await attach(argv, signal, (channel) => {
        channel.on('data', collect(out))
        channel.stderr.on('data', collect(err))
        channel.end(input)
      })
      const stdout = Buffer.concat(out)
      return { ...exit, stdout: stdout.toString(), stdoutBytes: stdout.length, stderr: Buffer.concat(err).toString() }
    } finally {
      clearTimeout(clock)
    }
  }

  async function stream(argv: readonly string[], { signal, onData, onOpen }: StreamOptions) {
    const broken = new AbortController()
    return attach(argv, signal ? AbortSignal.any([signal, broken.signal]) : broken.signal, (channel) => {
      channel.on('data', (chunk: Buffer) => {
        // ssh2's parser would end the whole connection over an error of ours.
        try {
          if (!broken.signal.aborted) onData(chunk)
        } catch (error) {
          broken.abort(error)
        }
      })
      channel.stderr.resume()
      if (onOpen) onOpen((text) => void (channel.writable && channel.write(text)))
      else channel.end()
    })
  }

  return { run, stream }
}
