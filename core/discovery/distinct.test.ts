import { expect, test } from 'bun:test'
import { distinct } from './distinct'
import { sampleSpark } from './found.sample'

test('a machine that was given by two addresses is one Spark, and that is said', () => {
  const byVpn = sampleSpark(2, { bootId: 'boot-1' }, { fingerprint: 'SHA256:key-1' })
  const { sparks, remarks } = distinct([sampleSpark(1), byVpn, sampleSpark(3)])
  expect(sparks.map(({ id, target }) => [id, target.address])).toEqual([
    ['spark-1', '192.0.2.11'],
    ['spark-2', '192.0.2.13'],
  ])
  expect(remarks.join('\n')).toContain('192.0.2.12 and 192.0.2.11 are one machine')
})

test('two machines with one machine id stay two, with a word about it', () => {
  const { sparks, remarks } = distinct([sampleSpark(1), sampleSpark(2, { machineId: 'machine-1' })])
  expect(sparks).toHaveLength(2)
  expect(remarks).toEqual([expect.stringContaining('share one machine id')])
})

test('two machines that show one host key stay two, with the remedy', () => {
  const { sparks, remarks } = distinct([sampleSpark(1), sampleSpark(2, {}, { fingerprint: 'SHA256:key-1' })])
  expect(sparks).toHaveLength(2)
  expect(remarks).toEqual([expect.stringContaining('ssh-keygen -A')])
})

test('a name and the address it leads to are one, seen or not', () => {
  const named = (seen: object | null) =>
    sampleSpark(2, seen, { target: { user: 'spark', address: 'spark-1.local', sshPort: 22 }, resolved: '192.0.2.11' })
  expect(distinct([sampleSpark(1, null), named(null)]).sparks).toHaveLength(1)
  expect(distinct([sampleSpark(1), named({})]).sparks).toHaveLength(1)
})

test('an address that belongs to a VPN is remarked on', () => {
  const addresses = [{ name: 'tailscale0', address: '192.0.2.11' }]
  expect(distinct([sampleSpark(1, { addresses })]).remarks).toEqual([expect.stringContaining('VPN (tailscale0)')])
})
