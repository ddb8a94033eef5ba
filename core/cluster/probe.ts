import type { Service } from '../config/cluster'
import type { FactView } from './snapshot'

/** What one HTTP question to a service brought. */
export interface Answer {
  status: number
  text: string
}

/** Asks the service's own port; `path` begins with `/`. Throws what fetch throws. */
export type Ask = (path: string, init?: { method?: string; body?: string; timeoutMs?: number }) => Promise<Answer>

/** What a kind reads from its service's answers. */
export interface ProbeFinding {
  state: 'up' | 'busy' | 'stalled' | 'starting' | 'down'
  cause?: string
  remedy?: string
  /** The models it serves: the name it answers to and what it really is. */
  models?: { id: string; root: string }[]
  facts?: FactView[]
}

/** Looks at one service once; may remember between looks (counters). */
export type Probe = (ask: Ask) => Promise<ProbeFinding>

/** What a probe came back with: an answer, or the way in which there was none. */
export type Outcome =
  | { kind: 'answered'; finding: ProbeFinding }
  | { kind: 'refused' }
  | { kind: 'timeout' }
  | { kind: 'unreachable' }
  | { kind: 'broken'; detail: string }

/** Runs a probe against `address`; never throws. */
export async function runProbe(probe: Probe, address: string, service: Service, timeoutMs = 5000): Promise<Outcome> {
  try {
    return { kind: 'answered', finding: await probe(asker(address, service.port, timeoutMs)) }
  } catch (error) {
    return outcomeOf(error as Error & { code?: string })
  }
}

/** Asks one port with a limit on time and size; follows no redirect and uses no proxy of the environment. */
export function asker(address: string, port: number, defaultTimeoutMs: number, signal?: AbortSignal): Ask {
  return async function ask(path, { method = 'GET', body, timeoutMs = defaultTimeoutMs } = {}) {
    const response = await fetch(`http://${address}:${port}${path}`, {
      method,
      body,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs),
      proxy: '',
    } as BunFetchRequestInit)
    return { status: response.status, text: await limitedText(response, 2 * 1024 * 1024) }
  }
}

async function limitedText(response: Response, limit: number): Promise<string> {
  if (!response.body) return ''
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limit) throw new Error('the answer is larger than a probe reads')
    parts.push(chunk)
  }
  return Buffer.concat(parts).toString()
}

function outcomeOf(error: Error & { code?: string }): Outcome {
  if (error.name === 'TimeoutError') return { kind: 'timeout' }
  if (error.code === 'ECONNREFUSED' || error.code === 'ConnectionRefused') return { kind: 'refused' }
  if (/HOSTUNREACH|NETUNREACH|ETIMEDOUT|ConnectionTimeout/i.test(error.code ?? '')) return { kind: 'unreachable' }
  return { kind: 'broken', detail: error.message.slice(0, 200) }
}
