// Allow-lists both ways: what is not named here stays on its side (cookies, keys, hop-by-hop, CORS, CSP, …).
const toUpstream = new Set([
  'accept',
  'accept-language',
  'content-type',
  'content-language',
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
  'range',
  'traceparent',
  'tracestate',
])
const toClient = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'content-range',
  'accept-ranges',
  'retry-after',
  'last-modified',
  'etag',
])

/** Headers for the upstream; `content-length` only when the body goes on as it came. */
export function requestHeaders(from: Headers, requestId: string, length: string | null = null): Headers {
  const headers = new Headers()
  for (const name of toUpstream) {
    const value = from.get(name)
    if (value !== null) headers.set(name, value)
  }
  headers.set('user-agent', 'spark-control')
  headers.set('x-request-id', requestId)
  // What the client accepts is not what we ask: the answer's bytes are passed on as they come.
  headers.set('accept-encoding', 'identity')
  if (length !== null) headers.set('content-length', length)
  return headers
}

/** Headers for the client. A page of an upstream must not run in our origin, so HTML is sandboxed. */
export function responseHeaders(from: Headers, added: Record<string, string> = {}): Headers {
  const headers = new Headers()
  for (const name of toClient) {
    const value = from.get(name)
    if (value !== null) headers.set(name, value)
  }
  headers.set('x-content-type-options', 'nosniff')
  headers.set('cache-control', from.get('cache-control')?.includes('no-cache') ? 'no-cache' : 'no-store')
  if (!/^(application\/json|text\/event-stream|audio\/)/.test(headers.get('content-type') ?? '')) {
    headers.set('content-security-policy', "default-src 'none'; sandbox")
  }
  for (const [name, value] of Object.entries(added)) headers.set(name, value)
  return headers
}
