import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { retryAfterMs, waitAfter, waits } from './waits'

test('waitAfter() follows the plan, gives up after its end, and outlasts a day', () => {
  const all = waits.map((_, tries) => waitAfter(tries, null, 0))
  expect(all).toEqual([...waits])
  expect(waitAfter(waits.length, null, 0)).toBeNull()
  expect(waits.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(24 * 3600_000)
})

test('waitAfter() is never shorter than the plan, and longer by a fifth or by an hour that was asked for at most', () => {
  const tries = fc.integer({ min: 0, max: waits.length - 1 })
  fc.assert(
    fc.property(tries, fc.option(fc.nat()), fc.double({ min: 0, max: 1, noNaN: true }), (made, asked, random) => {
      const wait = waitAfter(made, asked, random) ?? -1
      const planned = waits[made] ?? 0
      return wait >= planned && wait <= Math.max(1.2 * planned, 3600_000)
    }),
  )
})

test.each<[string | null, number | null]>([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sat, 31 Jan 2026 12:01:00 GMT', 60_000],
  ['Sat, 31 Jan 2026 11:00:00 GMT', 0],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['2026', 2026_000],
  ['', null],
  [null, null],
])('retryAfterMs() reads %p as %p', (header, ms) => {
  expect(retryAfterMs(header, Date.parse('2026-01-31T12:00:00Z'))).toBe(ms)
})
