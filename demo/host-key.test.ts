import { expect, test } from 'bun:test'
import ssh2 from 'ssh2'
import { hostKey } from './host-key'

test('hostKey() is a key that ssh2 reads, the same for a name each time, another for another name', () => {
  const parsed = ssh2.utils.parseKey(hostKey('spark-1'))
  if (parsed instanceof Error) throw parsed
  expect(parsed.type).toBe('ssh-ed25519')
  const signature = parsed.sign('text')
  expect(parsed.verify('text', signature as Buffer)).toBe(true)
  expect(hostKey('spark-1')).toBe(hostKey('spark-1'))
  expect(hostKey('spark-1')).not.toBe(hostKey('spark-2'))
})
