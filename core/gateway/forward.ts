import { ApiError } from './api-error'
import { requestHeaders, responseHeaders } from './headers'
import { answerStream, uploadStream } from './passed-stream'
import { upstreamUrl } from './path'
import { type SilenceClock, silenceClock } from './silence'
import type { Upstream } from './upstream'
import { SilentError, upstreamError } from './upstream-error'

export interface ForwardOptions {
  /** Path on the upstream. */
  path: string
  requestId: string
  /** The body when it was read already (to find `model`); else the request's own stream goes on. */
  body?: string | Uint8Array
  /** A small body may be sent again when a kept-alive connection turns out stale. */
  replay?: boolean
}

// Small answers cost less whole than as a stream.
const wholeUpTo = 65_536
const empty = new Set([204, 304])
// A told length is given the time that 1 Mbit/s takes: seeing its parts move would cost a third of the speed.
const slowestUpload = 125 // bytes a ms

/**
 * Sends a request on to an upstream and streams its answer back: bytes and chunks as they come, nothing stored.
 * The client's abort ends the upstream's work; an upstream that dies or falls silent in a stream is never a clean end.
 */
export async function forward(request: Request, upstream: Upstream, options: ForwardOptions): Promise<Response> {
  const { path, requestId, body, replay = body !== undefined } = options
  const end = new AbortController()
  let good = false
  const clock = silenceClock(
    upstream.idleMs,
    () => end.abort(new SilentError()),
    () => good && upstream.onAnswer?.(),
    upstream.onEnd,
  )
  const { signal } = request
  signal.addEventListener('abort', () => {
    end.abort(signal.reason)
    clock.stop()
  })
  const length = body === undefined ? request.headers.get('content-length') : null
  if (length !== null) clock.waiting(Number(length) / slowestUpload)
  const init = {
    method: request.method,
    headers: requestHeaders(request.headers, requestId, length),
    body: body ?? upload(request, clock),
    signal: end.signal,
    redirect: 'manual',
    decompress: false,
    proxy: '',
    timeout: false,
  } as BunFetchRequestInit
  try {
    if (signal.aborted) throw signal.reason
    const answer = await send(upstreamUrl(upstream.origin, path, query(request.url)), init, replay)
    good = answer.ok
    clock.heard()
    if (answer.status >= 300 && answer.status < 400 && answer.status !== 304) {
      await answer.body?.cancel()
      const text = `${upstream.service}: answered with a redirect; correct its address`
      throw new ApiError(502, 'upstream_redirected', text)
    }
    return await passedOn(answer, upstream, clock, requestId)
  } catch (error) {
    clock.stop()
    if (error instanceof ApiError) throw error
    if (signal.aborted) throw new ApiError(499, 'client_closed', 'the client went away')
    throw upstreamError(error as Error & { code?: string }, upstream)
  }
}

async function passedOn(
  answer: Response,
  upstream: Upstream,
  clock: SilenceClock,
  requestId: string,
): Promise<Response> {
  const { status } = answer
  const headers = responseHeaders(answer.headers, {
    'x-spark-host': upstream.host,
    'x-spark-service': upstream.service,
    'x-request-id': requestId,
  })
  const told = answer.headers.get('content-length')
  const sse = headers.get('content-type')?.startsWith('text/event-stream') ?? false
  // Reading `body` makes a stream of it, which costs a small answer more than all the rest.
  if (told !== null && Number(told) <= wholeUpTo && !sse) {
    clock.waiting()
    const bytes = await answer.arrayBuffer()
    clock.stop()
    return new Response(bytes, { status, headers })
  }
  if (answer.body && !empty.has(status)) return new Response(answerStream(answer.body, clock, sse), { status, headers })
  clock.stop()
  return new Response(null, { status, headers })
}

async function send(url: string, init: BunFetchRequestInit, replay: boolean): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    // uvicorn closes idle connections after 5 s; Bun rightly does not replay a POST on such a one by itself.
    const code = (error as { code?: string }).code
    if (replay && code === 'ECONNRESET' && !init.signal?.aborted) return fetch(url, { ...init, keepalive: false })
    throw error
  }
}

function upload(request: Request, clock: SilenceClock): ReadableStream<Uint8Array> | undefined {
  const { method, headers, body } = request
  if (method === 'GET' || method === 'HEAD' || !body) return undefined
  return headers.has('content-length') ? body : uploadStream(body, clock)
}

function query(url: string): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}
