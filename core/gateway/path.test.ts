import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { upstreamUrl } from './path'

const origin = 'http://192.0.2.11:8000'

test('upstreamUrl() keeps a plain path and the query as they are', () => {
  for (const path of ['/', '/v1/models', '/v1/chat/completions', '/a/', '/system_stats', '/x~1/y.json']) {
    expect(upstreamUrl(origin, path)).toBe(origin + path)
  }
  expect(upstreamUrl(origin, '/v1/models', '?limit=2&after=%2Fa..%2F')).toBe(
    `${origin}/v1/models?limit=2&after=%2Fa..%2F`,
  )
})

test.each([
  ['no slash', 'v1/models'],
  ['nothing', ''],
  ['the folder above', '/v1/../admin'],
  ['the folder above, encoded', '/v1/%2e%2e/admin'],
  ['the folder above, half encoded', '/v1/.%2E/admin'],
  ['the folder above, encoded twice', '/v1/%252e%252e/admin'],
  ['the same folder', '/v1/./models'],
  ['an encoded slash', '/v1%2fmodels'],
  ['a backslash', '/v1\\..\\admin'],
  ['an encoded backslash', '/v1/%5c..%5cadmin'],
  ['an empty segment', '/v1//models'],
  ['another authority', '//evil.example/v1'],
  ['credentials', '@evil.example/'],
  ['credentials after a slash', '/@evil.example/'],
  ['another port', ':9/'],
  ['a query', '/v1/models?x=1'],
  ['a fragment', '/v1/models#x'],
  ['a line break', '/v1/models\r\nHost: evil.example'],
  ['a tab', '/v1/\tmodels'],
  ['a NUL', '/v1/\0'],
  ['a space', '/v1/ models'],
  ['a path parameter', '/v1/..;/admin'],
  ['a full-width dot', '/v1/．．/admin'],
  ['a hidden file', '/.env'],
])('upstreamUrl() refuses %s', (_, path) => {
  expect(() => upstreamUrl(origin, path)).toThrow(TypeError)
})

test('upstreamUrl() never leaves its upstream nor arrives at another path', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom('..', '.', 'v1', '%2e', '\\', '@', '')), { maxLength: 6 }),
      (parts) => {
        const path = `/${parts.join('/')}`
        let url: URL
        try {
          url = new URL(upstreamUrl(origin, path))
        } catch {
          return
        }
        expect([url.origin, url.pathname]).toEqual([origin, path])
      },
    ),
    { numRuns: 500 },
  )
})
