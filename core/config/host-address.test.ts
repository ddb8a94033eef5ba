import { expect, test } from 'bun:test'
import { isIPv4 } from 'node:net'
import fc from 'fast-check'
import { addressProblem } from './host-address'

test.each([
  '192.0.2.11',
  '10.0.0.1',
  '127.0.0.11',
  'spark',
  'spark-1.lan',
  'SPARK.example.com',
  '1.spark',
  'localhost',
])('addressProblem(%s) finds nothing wrong', (address) => {
  expect(addressProblem(address)).toBeNull()
})

test.each([
  ['spark.local', 'ends in .local'],
  ['spark.LOCAL.', 'ends in .local'],
  ['http://192.0.2.11', 'is a URL'],
  ['spark@192.0.2.11', 'holds a user name'],
  ['192.0.2.11:22', 'holds a port'],
  ['fe80::1', 'is an IPv6 address'],
  ['[::1]:22', 'is an IPv6 address'],
  ['::ffff:192.0.2.1', 'is an IPv6 address'],
  ['192.0.2.0/24', 'holds a "/"'],
  ['192.0.2', 'is not an IPv4 address'],
  ['192.0.2.256', 'is not an IPv4 address'],
  ['192.0.2.011', 'is not an IPv4 address'],
  ['0xc0.0.2.0x1', 'is not an IPv4 address'],
  ['3221225985', 'is not an IPv4 address'],
  ['0.0.0.0', 'means "any address"'],
  ['224.0.0.1', 'is a multicast or reserved address'],
  ['255.255.255.255', 'is a multicast or reserved address'],
  ['spark_1', 'is neither an IPv4 address nor a host name'],
  ['-spark', 'is neither an IPv4 address nor a host name'],
  ['spark..lan', 'is neither an IPv4 address nor a host name'],
  ['spark 1', 'is neither an IPv4 address nor a host name'],
  ['$(reboot)', 'is neither an IPv4 address nor a host name'],
  ['-oProxyCommand=x', 'is neither an IPv4 address nor a host name'],
  [`${'a'.repeat(64)}.lan`, 'is neither an IPv4 address nor a host name'],
])('addressProblem(%s): %s', (address, problem) => {
  expect(addressProblem(address)?.problem).toBe(problem)
})

test('addressProblem() lets nothing pass that is neither an IPv4 address nor letters, digits, dots and dashes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.domain(), fc.webUrl()), (address) => {
      if (addressProblem(address) === null) expect(isIPv4(address) || /^[a-z0-9][a-z0-9.-]*$/i.test(address)).toBe(true)
    }),
  )
})
