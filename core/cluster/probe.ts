import type { Service } from '../config/cluster'
import type { FactView } from './snapshot'

/** What one HTTP question to a service brought. */
export interface Answer {
  status: number
  text: string
  /** From the question to the end of the answer. */
  tookMs: number
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
  /** Requests that it works on, and a sum of counters that rises while it does: how a busy engine is told from a dead one. */
  activity?: { running: number; moved: number }
}

/** Looks at one service once; may remember between looks (counters). */
export type Probe = (ask: Ask) => Promise<ProbeFinding>

/** What a probe came back with: an answer, or the way in which there was none. */
export type Outcome =
  | { kind: 'answered'; finding: ProbeFinding; slowestMs: number }
  | { kind: 'refused' }
  | { kind: 'timeout' }
  | { kind: 'unreachable' }
  | { kind: 'broken'; detail: string }

/** Runs a probe against `address`; never throws. */
export async function runProbe(
  probe: Probe,
  address: string,
  service: Service,
  ask: Ask = asker(address, service.port, 5000),
): Promise<Outcome> {
  let slowestMs = 0
  const timed: Ask = async (path, init) => {
    const answer = await ask(path, init)
    slowestMs = Math.max(slowestMs, answer.tookMs)
    return answer
  }
  try {
    const finding = await probe(timed)
    return { kind: 'answered', finding, slowestMs }
  } catch (error) {
    return outcomeOf(error as Error & { code?: string })
  }
}

/** Asks one port with a limit on time and size; follows no redirect and uses no proxy of the environment. */
export function asker(address: string, port: number, defaultTimeoutMs: number, signal?: AbortSignal): Ask {
  return async function ask(path, { method = 'GET', body, timeoutMs = defaultTimeoutMs } = {}) {
    const began = performance.now()
    const response = await fetch(`http://${address}:${port}${path}`, {
      method,
      body,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs),
      proxy: '',
    } as BunFetchRequestInit)
    const text = await limitedText(response, 2 * 1024 * 1024)
    return { status: response.status, text, tookMs: performance.now() - began }
  }
}

/**
 * Waits only so long for an answer, but leaves the question in the air: what comes late is there for the next look. A busy
 * engine may take 40 s, and must neither look dead meanwhile nor be asked again and again. One question a path at a time.
 */
export function patientAsker(ask: Ask, { waitMs = 5000, patienceMs = 50_000 } = {}): Ask {
  const inTheAir = new Map<string, Promise<Answer>>()
  return async function patiently(path, init = {}) {
    if (init.method !== undefined && init.method !== 'GET') return ask(path, init)
    const coming = inTheAir.get(path) ?? ask(path, { timeoutMs: patienceMs })
    inTheAir.set(path, coming)
    const late = Symbol()
    let timer: ReturnType<typeof setTimeout> | undefined
    const patience = new Promise<typeof late>((resolve) => {
      timer = setTimeout(() => resolve(late), init.timeoutMs ?? waitMs)
    })
    try {
      const answer = await Promise.race([coming, patience])
      if (answer !== late) {
        inTheAir.delete(path)
        return answer
      }
    } catch (error) {
      inTheAir.delete(path)
      throw error
    } finally {
      clearTimeout(timer)
    }
    coming.catch(() => {})
    throw new DOMException('no answer yet', 'TimeoutError')
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

/** Is this what `Ask` throws when no answer came in time? */
export function isLate(error: unknown): boolean {
  return (error as Error).name === 'TimeoutError'
}

function outcomeOf(error: Error & { code?: string }): Outcome {
  if (isLate(error)) return { kind: 'timeout' }
  if (error.code === 'ECONNREFUSED' || error.code === 'ConnectionRefused') return { kind: 'refused' }
  if (/HOSTUNREACH|NETUNREACH|ETIMEDOUT|ConnectionTimeout/i.test(error.code ?? '')) return { kind: 'unreachable' }
  return { kind: 'broken', detail: error.message.slice(0, 200) }
}
