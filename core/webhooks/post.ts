import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../clock'
import { type Answer, answerReader } from './answer'
import { TargetError } from './target-address'

export interface PostOptions {
  url: URL
  /** Where it really connects to; the name in the URL is only told. */
  address: string
  headers: Record<string, string>
  body: string
  clock: Clock
  signal: AbortSignal
}

export const connectMs = 3000
export const totalMs = 15_000

/**
 * Sends one POST over a connection of its own: `fetch` would resolve the name anew, follow a proxy of the environment, and
 * knows one time limit alone. Follows no redirect.
 * @throws {TargetError} when no answer came
 */
export function post({ url, address, headers, body, clock, signal }: PostOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = open(url, address)
    const reader = answerReader()
    let connected = false
    const limits = [
      clock.after(connectMs, () => connected || end(`no connection within ${connectMs / 1000} s`)),
      clock.after(totalMs, () => end(`no answer within ${totalMs / 1000} s`)),
    ]
    const aborted = () => end('this controller ended')
    signal.addEventListener('abort', aborted, { once: true })
    if (signal.aborted) aborted()

    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      connected = true
      socket.write(request(url, headers, body))
    })
    socket.on('data', (bytes) => {
      try {
        if (reader.take(bytes)) end('')
      } catch (error) {
        end((error as Error).message)
      }
    })
    socket.on('error', (error: NodeJS.ErrnoException) => end(inWords(error, connected)))
    socket.once('close', () => end('it closed the connection without an answer'))

    /** An answer whose head came counts, whatever ended it. */
    function end(problem: string) {
      for (const callOff of limits) callOff()
      signal.removeEventListener('abort', aborted)
      socket.destroy()
      const answer = reader.answer()
      if (answer) resolve(answer)
      else reject(new TargetError(problem))
    }
  })
}

function open(url: URL, address: string): Socket {
  const secure = url.protocol === 'https:'
  const port = Number(url.port) || (secure ? 443 : 80)
  if (!secure) return connect({ host: address, port })
  // A certificate for an address has no name to ask for.
  return connectTls({ host: address, port, ...(url.hostname === address ? {} : { servername: url.hostname }) })
}

function request(url: URL, headers: Record<string, string>, body: string): string {
  const lines = Object.entries({
    host: url.host,
    'user-agent': 'spark-control',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    accept: '*/*',
    connection: 'close',
    ...headers,
  })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${head}\r\n${body}`
}

const words: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it broke the connection',
  EPIPE: 'it broke the connection',
  EHOSTUNREACH: 'there is no way to that address',
  ENETUNREACH: 'there is no way to that address',
  ETIMEDOUT: 'it does not answer',
}

function inWords({ code = '', message }: NodeJS.ErrnoException, connected: boolean): string {
  if (!connected && /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code)) return `its certificate is not trusted (${code})`
  return words[code] ?? `the connection failed (${code || message})`
}
