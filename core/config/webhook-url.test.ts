import { expect, test } from 'bun:test'
import { assertError, hosts, load } from './load.fixtures'
import { webhookUrlProblem } from './webhook-url'

test.each([
  'http://192.0.2.20:9000/spark',
  'https://hooks.example.org/a?token=x',
  'http://127.0.0.5:9000',
  'http://10.0.0.2/',
])('webhookUrlProblem() has nothing against %s', (url) => {
  expect(webhookUrlProblem(url)).toBeNull()
})

test.each([
  ['ftp://192.0.2.20/', 'is not an address'],
  ['192.0.2.20:9000', 'is not an address'],
  ['http:192.0.2.20', 'is not an address'],
  ['http://', 'is not an address'],
  ['http://a@192.0.2.20/', 'holds a user or password'],
  ['http://192.0.2.20/#x', 'holds a "#"'],
  ['http://[::1]:9000/', 'is an IPv6 address'],
  ['http://[::ffff:169.254.169.254]/', 'is an IPv6 address'],
  ['http://receiver.local/', 'ends in .local'],
  ['http://169.254.169.254/latest', 'is a link-local address'],
  ['http://0xa9fea9fe/', 'is a link-local address'],
  ['http://2852039166/', 'is a link-local address'],
  ['http://0.0.0.0:9000/', 'means "any address"'],
  ['http://239.0.0.1/', 'is a multicast or reserved address'],
  ['http://192.0.2.20\\@a.example/', 'holds a blank or a backslash'],
])('webhookUrlProblem() refuses %s: %s', (url, problem) => {
  expect(webhookUrlProblem(url)?.problem).toBe(problem)
})

const declared = (text: string) => `${hosts}webhooks:\n${text}`

test('loadConfig() reads webhooks; without events a target is told of all', () => {
  const { cluster, findings } = load(
    declared(`
  - { url: "http://192.0.2.20:9000/a", secret: ONE, events: [swap_complete] }
  - { url: "http://192.0.2.20:9000/b", secret: TWO, events: }`),
  )
  expect(findings).toEqual([])
  expect(cluster?.webhooks).toEqual([
    { url: 'http://192.0.2.20:9000/a', secret: 'ONE', events: ['swap_complete'] },
    { url: 'http://192.0.2.20:9000/b', secret: 'TWO', events: [] },
  ])
})

test('loadConfig() says what is wrong with a webhook', () => {
  const url = 'url: "http://192.0.2.20/"'
  assertError(
    'webhooks.0: "secret" is missing; add secret: name of the secret that signs the messages',
    declared(`  - { ${url} }`),
  )
  assertError(
    'webhooks.1.url: is declared twice; keep one of the two',
    declared(`  - { ${url}, secret: A }\n  - { ${url}, secret: B }`),
  )
  assertError(
    'webhooks.0.url: is a link-local address; use the address of the receiver in your network',
    declared('  - { url: "http://169.254.1.1/", secret: A }'),
  )
})

test('loadConfig() never takes the secret itself for its name', () => {
  const { cluster, findings } = load(declared('  - { url: "http://192.0.2.20/", secret: whsec_MfKQ9r8GKYqrTwjU }'))
  expect(cluster).toBeNull()
  expect(findings[0]?.remedy).toContain('the name of the secret')
})
