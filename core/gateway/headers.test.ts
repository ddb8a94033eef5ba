import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { requestHeaders, responseHeaders } from './headers'

const kept = ['accept', 'content-type', 'anthropic-version', 'openai-beta', 'range', 'traceparent']
const hopByHop = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'proxy-authorization']
const secrets = ['cookie', 'authorization', 'x-api-key', 'x-forwarded-for', 'forwarded', 'host', 'origin', 'referer']

test('requestHeaders() lets the named headers pass', () => {
  const headers = requestHeaders(new Headers(kept.map((name): [string, string] => [name, name])), 'id-1')
  for (const name of kept) expect(headers.get(name)).toBe(name)
})

test.each([...hopByHop, ...secrets])('requestHeaders() keeps %s back', (name) => {
  expect(requestHeaders(new Headers({ [name]: 'x' }), 'id-1').has(name)).toBe(false)
})

test('requestHeaders() speaks for itself: who asks, under which id, and for plain bytes', () => {
  const headers = requestHeaders(
    new Headers({ 'accept-encoding': 'br', 'user-agent': 'curl', 'content-length': '9' }),
    'id-1',
  )
  expect(headers.toJSON()).toEqual({
    'accept-encoding': 'identity',
    'user-agent': 'spark-control',
    'x-request-id': 'id-1',
  })
  expect(requestHeaders(new Headers(), 'id-1', '12').get('content-length')).toBe('12')
})

test.each([
  'set-cookie',
  'server',
  'access-control-allow-origin',
  'content-length',
  'www-authenticate',
  'clear-site-data',
  'refresh',
  'link',
  'location',
  'strict-transport-security',
  'service-worker-allowed',
  ...hopByHop,
])('responseHeaders() keeps %s back', (name) => {
  expect(responseHeaders(new Headers({ [name]: 'x' })).has(name)).toBe(false)
})

test('responseHeaders() lets nothing pass that is not named, whatever the upstream sends', () => {
  const own = ['x-content-type-options', 'cache-control', 'content-security-policy']
  const named = ['content-type', 'content-encoding', 'content-language', 'content-disposition', 'content-range']
  const allowed = new Set([...own, ...named, 'accept-ranges', 'retry-after', 'last-modified', 'etag'])
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,20}$/), fc.stringMatching(/^[a-z0-9]{1,9}$/)),
      (sent) => {
        for (const name of responseHeaders(new Headers(sent)).keys()) expect(allowed.has(name)).toBe(true)
      },
    ),
  )
})

test.each([
  ['text/html', true],
  ['image/svg+xml', true],
  ['application/xml', true],
  ['', true],
  ['application/json', false],
  ['text/event-stream', false],
  ['audio/wav', false],
])('responseHeaders() shuts a page of type "%s" in a sandbox: %p', (type, sandboxed) => {
  const headers = responseHeaders(new Headers(type ? { 'content-type': type } : {}))
  expect(headers.get('content-security-policy')?.includes('sandbox') ?? false).toBe(sandboxed)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('responseHeaders() adds what it is told and never lets an answer be stored', () => {
  const headers = responseHeaders(new Headers({ 'x-spark-host': 'forged', 'cache-control': 'public, max-age=9' }), {
    'x-spark-host': 'h',
  })
  expect([headers.get('x-spark-host'), headers.get('cache-control')]).toEqual(['h', 'no-store'])
})
