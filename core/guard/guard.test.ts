import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { guard } from './guard'
import { allowedHost, hostName } from './host-list'

const options = { allowedHosts: ['spark.example.lan'] }
const ask = (method: string, headers: Record<string, string>) =>
  guard(
    new Request('http://192.0.2.5:9999/api/swap', { method, headers: { host: '192.0.2.5:9999', ...headers } }),
    options,
  )?.code ?? 'passed'

test('allowedHost() passes IP literals, localhost and listed names, and nothing else', () => {
  for (const host of [
    '192.0.2.5',
    '192.0.2.5:9999',
    '[::1]:9999',
    'localhost',
    'LOCALHOST:1',
    'spark.example.lan',
    'Spark.Example.Lan.:80',
  ]) {
    expect([host, allowedHost(host, options.allowedHosts)]).toEqual([host, true])
  }
  const refused = [
    null,
    '',
    'evil.example',
    'spark.example.lan.evil',
    'a, b',
    '192.0.2.5, evil',
    'user@192.0.2.5',
    '192.0.2.5/x',
    '192.0.2.5?x',
    '192.0.2.5#',
    '192.0.2.5:',
    '192.0.2.5:99999',
    '[::1',
    '[zz]',
    '0x7f.1:1/',
    'x y',
    '%31',
    'localhost:80:80',
    '192.0.2.5\\x',
  ]
  for (const host of refused) expect([host, allowedHost(host, options.allowedHosts)]).toEqual([host, false])
})

test('allowedHost() never throws', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (host) => void hostName(host)))
})

test.each([
  ['a program without Origin', 'POST', {}, 'passed'],
  ['our own page', 'POST', { origin: 'http://192.0.2.5:9999' }, 'passed'],
  [
    'our own page behind https',
    'POST',
    { origin: 'https://192.0.2.5:9999', 'sec-fetch-site': 'same-origin' },
    'passed',
  ],
  ['a sandboxed frame', 'POST', { origin: 'null' }, 'origin_not_allowed'],
  ['another port of the same machine', 'POST', { origin: 'http://192.0.2.5:8080' }, 'origin_not_allowed'],
  ['another site', 'PUT', { origin: 'https://evil.example' }, 'origin_not_allowed'],
  ['another site that hides its origin', 'DELETE', { 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
  [
    'a same-site package',
    'POST',
    { 'sec-fetch-site': 'same-site', origin: 'http://192.0.2.5:9999' },
    'origin_not_allowed',
  ],
  ['a rebound name', 'GET', { host: 'evil.example', origin: 'http://evil.example' }, 'host_not_allowed'],
  ['a read from anywhere', 'GET', { origin: 'https://evil.example' }, 'passed'],
  ['another method', 'PATCH', {}, 'method_not_allowed'],
])('guard() judges %s', (_, method, headers, code) => {
  expect(ask(method, headers as Record<string, string>)).toBe(code)
})
