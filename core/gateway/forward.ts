import { ApiError } from './api-error'
import { requestHeaders, responseHeaders } from './headers'
import { upstreamUrl } from './path'
import type { Upstream } from './upstream'

export interface ForwardOptions {
  /** Path on the upstream. */
  path: string
  requestId: string
  /** The body when it was read already (to find `model`); else the request's own stream goes on. */
  body?: string | Uint8Array
  /** A small body may be sent again when a kept-alive connection turns out stale. */
  replay?: boolean
}

/**
 * Sends a request on to an upstream and streams its answer back: bytes and chunks as they come, nothing stored.
 * The client's abort ends the upstream's work; an upstream that dies or falls silent in a stream is never a clean end.
 */
export async function forward(request: Request, upstream: Upstream, options: ForwardOptions): Promise<Response> {
  const { path, requestId, body, replay = body !== undefined } = options
  const url = upstreamUrl(upstream.origin, path, new URL(request.url).search)
  const silent = new AbortController()
  const init = {
    method: request.method,
    headers: requestHeaders(
      request.headers,
      requestId,
      body === undefined ? request.headers.get('content-length') : null,
    ),
    body: body ?? (hasBody(request) ? request.body : undefined),
    signal: AbortSignal.any([request.signal, silent.signal]),
    redirect: 'manual',
    decompress: false,
    proxy: '',
    timeout: false,
  } as BunFetchRequestInit
  const clock = idleClock(upstream.idleMs, () => silent.abort(new SilentError()))
  try {
    const answer = await send(url, init, replay)
    clock.seen()
    if (answer.status >= 300 && answer.status < 400 && answer.status !== 304) {
      await answer.body?.cancel()
      throw new ApiError(
        502,
        'upstream_redirected',
        `${upstream.service}: answered with a redirect; correct its address`,
      )
    }
    return await passedOn(answer, upstream, clock, requestId)
  } catch (error) {
    clock.stop()
    if (error instanceof ApiError) throw error
    if (request.signal.aborted) throw new ApiError(499, 'client_closed', 'the client went away')
    throw upstreamError(error as Error & { code?: string }, upstream)
  }
}

class SilentError extends Error {
  override name = 'SilentError'
}

async function passedOn(answer: Response, upstream: Upstream, clock: IdleClock, requestId: string): Promise<Response> {
  const headers = responseHeaders(answer.headers, {
    'x-spark-host': upstream.host,
    'x-spark-service': upstream.service,
    'x-request-id': requestId,
  })
  const length = answer.headers.get('content-length')
  if (!answer.body || length === '0' || answer.status === 204 || answer.status === 304) {
    clock.stop()
    return new Response(answer.body, { status: answer.status, headers })
  }
  const sse = headers.get('content-type')?.startsWith('text/event-stream') ?? false
  if (!sse && length !== null && Number(length) <= 65_536) return whole(answer, headers, clock)
  return new Response(guarded(answer.body, clock, sse), { status: answer.status, headers })
}

// Small answers cost less whole than as a stream.
async function whole(answer: Response, headers: Headers, clock: IdleClock): Promise<Response> {
  try {
    return new Response(await answer.arrayBuffer(), { status: answer.status, headers })
  } finally {
    clock.stop()
  }
}

/** Passes chunks through; an error of the upstream becomes one SSE `error` event where there is a stream, then a broken connection. */
function guarded(body: ReadableStream<Uint8Array>, clock: IdleClock, sse: boolean): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        clock.seen()
        if (!done) return controller.enqueue(value)
        clock.stop()
        controller.close()
      } catch (error) {
        clock.stop()
        if (sse) {
          controller.enqueue(errorEvent)
          // The event must leave before the break, or the client sees the break alone.
          await Bun.sleep(5)
        }
        controller.error(error)
      }
    },
    cancel(reason) {
      clock.stop()
      return reader.cancel(reason)
    },
  })
}

const errorEvent = new TextEncoder().encode(
  `event: error\ndata: ${JSON.stringify(new ApiError(502, 'upstream_died', 'the model server broke off in the middle of its answer; try again').body)}\n\n`,
)

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

function upstreamError(error: Error & { code?: string }, upstream: Upstream): ApiError {
  if (error instanceof SilentError || error.name === 'SilentError') {
    return new ApiError(
      504,
      'upstream_timeout',
      `${upstream.service}: sent nothing for ${upstream.idleMs / 1000} s; try again or look at its tile`,
    )
  }
  if (error.code === 'ECONNREFUSED' || error.code === 'ConnectionRefused') {
    return new ApiError(503, 'upstream_down', `${upstream.service}: nothing answers on its port; look at its tile`, {
      retryAfter: 10,
    })
  }
  return new ApiError(502, 'upstream_failed', `${upstream.service}: broke off before it answered; try again`)
}

function hasBody(request: Request): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD' && request.body !== null
}

interface IdleClock {
  seen(): void
  stop(): void
}

/** Calls `late` once nothing was seen for `ms`. Checks a few times per limit, so that a token costs no timer. */
function idleClock(ms: number, late: () => void): IdleClock {
  let last = performance.now()
  const timer = setInterval(
    () => {
      if (performance.now() - last < ms) return
      clearInterval(timer)
      late()
    },
    Math.max(20, ms / 8),
  )
  return {
    seen() {
      last = performance.now()
    },
    stop: () => clearInterval(timer),
  }
}
