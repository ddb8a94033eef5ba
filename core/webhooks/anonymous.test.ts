import { expect, test } from 'bun:test'
import type { Host } from '../config/cluster'
import { anonymous } from './anonymous'

const host = (id: string, address: string, user = 'spark') => ({ id, address, user }) as Host
const hosts = [
  host('spark-1', '192.0.2.1'),
  host('spark-2', '192.0.2.11'),
  host('spark-3', 'spark.lan', 'al'),
  host('spark-4', '2001:db8::4'),
  host('spark-5', 'spark-1'),
]

test.each([
  ['192.0.2.11 and 192.0.2.1 are lost', 'spark-2 and spark-1 are lost'],
  ['no route to 192.0.2.11.', 'no route to spark-2.'],
  ['192.0.2.11:22 refused', 'spark-2:22 refused'],
  ['192.0.2.111 answers', 'a host answers'],
  ['al@spark.lan: closed', 'spark-3: closed'],
  ['the login of al works on SPARK.LAN', 'the login works on spark-3'],
  [
    'the login of alice, signal@home and my-spark.lan.example',
    'the login of alice, signal@home and my-spark.lan.example',
  ],
  ['2001:db8::4: no answer', 'spark-4: no answer'],
  ['[2001:DB8::4]:22 and [::1]:22', '[spark-4]:22 and [a host]:22'],
  ['fe80::1%eth0, ::ffff:192.0.2.1 and 2001:db8::44', 'a host, a host:spark-1 and a host'],
  ['at 12:30:05 std::move failed: code 4:', 'at 12:30:05 std::move failed: code 4:'],
])('anonymous() makes %j %j', (words, said) => {
  expect(anonymous(words, hosts)).toBe(said)
})

test('anonymous() takes out addresses where no host is declared', () => {
  expect(anonymous('root@192.0.2.7 and 2001:db8::7', [])).toBe('root@a host and a host')
})
