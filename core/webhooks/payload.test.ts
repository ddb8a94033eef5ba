import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { payload } from './payload'

const message = { type: 'swap_failed', timestamp: '2026-01-31T12:00:00Z', sequence: 7 }

test('payload() is the message as it is', () => {
  expect(JSON.parse(payload({ ...message, data: { job: 'swap-1' } }))).toEqual({ ...message, data: { job: 'swap-1' } })
})

test('payload() keeps what is plain of data that are too large', () => {
  const data = { job: 'swap-1', ok: false, log: ['x'.repeat(30_000)], text: 'y'.repeat(30_000) }
  expect(JSON.parse(payload({ ...message, data })).data).toEqual({
    job: 'swap-1',
    ok: false,
    text: 'y'.repeat(200),
    truncated: true,
  })
})

test('payload() stays below 20 kB, whatever the data', () => {
  const value = fc.oneof(fc.string({ maxLength: 30_000, unit: 'binary' }), fc.integer(), fc.constant(null))
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 20 }), value, { maxKeys: 40 }), (data) => {
      return Buffer.byteLength(payload({ ...message, data })) < 20_000
    }),
    { numRuns: 50 },
  )
})
