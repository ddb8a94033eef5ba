import { expect, test } from 'bun:test'
import { firstSeen } from './first-seen'
import type { AttentionView } from './snapshot'

test('firstSeen() keeps when a trouble began while its figures change, and begins anew after it was gone', () => {
  let now = 0
  const since = firstSeen(() => now)
  const trouble = (text: string): AttentionView => ({
    severity: 'warning',
    subject: 'host:a',
    text,
    remedy: 'delete models',
    since: null,
  })
  const at = (text: string) => since([trouble(text)])[0]?.since
  expect(at('9 % free')).toBe('1970-01-01T00:00:00.000Z')
  now = 5000
  expect(at('8 % free')).toBe('1970-01-01T00:00:00.000Z')
  since([])
  expect(at('8 % free')).toBe('1970-01-01T00:00:05.000Z')
  expect(since([{ ...trouble('x'), since: '2026-01-01T00:00:00Z' }])[0]?.since).toBe('2026-01-01T00:00:00Z')
})
