import { expect, test } from 'bun:test'
import { target, targets } from './target'

test('target() reads user, address and port', () => {
  expect(target('spark@192.0.2.11')).toEqual({ user: 'spark', address: '192.0.2.11', sshPort: 22 })
  expect(target('192.0.2.11:2222', 'alice')).toEqual({ user: 'alice', address: '192.0.2.11', sshPort: 2222 })
  expect(target('bob@spark-1.local').address).toBe('spark-1.local')
})

test.each([
  ['192.0.2.11', 'user name'],
  ['Bob@192.0.2.11', 'user name'],
  ['spark@', 'USER@ADDRESS'],
  ['spark@192.0.2', 'IPv4'],
  ['spark@http://x', 'USER@ADDRESS'],
  ['spark@::1', 'USER@ADDRESS'],
  ['spark@-x', 'neither'],
  ['spark@.local', 'neither'],
  ['spark@192.0.2.11:0', 'port'],
  ['-oProxyCommand=x@192.0.2.11', 'user name'],
])('target() refuses %p', (word, problem) => {
  expect(() => target(word)).toThrow(problem)
})

test('targets() takes addresses however they are apart, each once', () => {
  const found = targets('192.0.2.11, 192.0.2.12\nalice@192.0.2.13  192.0.2.11', 'spark')
  expect(found.map(({ user, address }) => `${user}@${address}`)).toEqual([
    'spark@192.0.2.11',
    'spark@192.0.2.12',
    'alice@192.0.2.13',
  ])
})

test('targets() wants at least one and at most sixteen', () => {
  expect(() => targets(' ', 'spark')).toThrow('missing')
  expect(() => targets(Array.from({ length: 17 }, (_, n) => `192.0.2.${n}`).join(' '), 'spark')).toThrow('16')
})
