import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { addTo, type Bucket, bucketOf, mean, rollup, startOf } from './rollup'

const seen = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.double({ min: -1e9, max: 1e9, noNaN: true })), {
  minLength: 1,
})
const bucketsOf = (figures: [number, number][]) => {
  const buckets = new Map<number, Bucket>()
  for (const [at, value] of figures) addTo(buckets, at, bucketOf(value))
  return buckets
}
const close = (a: Bucket | undefined, b: Bucket | undefined) =>
  a !== undefined &&
  b !== undefined &&
  [a.low, a.high, a.count].join() === [b.low, b.high, b.count].join() &&
  Math.abs(a.total - b.total) <= 1e-6 * Math.max(1, Math.abs(a.total), Math.abs(b.total)) + 1e-3

test('rollup() of parts, in any order, is the rollup of the whole', () => {
  fc.assert(
    fc.property(seen, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 60 }), (figures, inner, times) => {
      const outer = inner * times
      const whole = rollup(bucketsOf(figures), outer)
      const parts = rollup([...rollup(bucketsOf(figures.toReversed()), inner)].reverse(), outer)
      expect([...parts.keys()].sort()).toEqual([...whole.keys()].sort())
      for (const [at, bucket] of whole) expect(close(bucket, parts.get(at))).toBe(true)
    }),
  )
})

test('rollup() loses nothing, and the mean lies between the lowest and the highest', () => {
  fc.assert(
    fc.property(seen, fc.integer({ min: 1, max: 5000 }), (figures, step) => {
      const rolled = rollup(bucketsOf(figures), step)
      expect([...rolled.values()].reduce((sum, { count }) => sum + count, 0)).toBe(figures.length)
      for (const [at, value] of figures) {
        const bucket = rolled.get(startOf(at, step))
        expect(bucket && bucket.low <= value && value <= bucket.high).toBe(true)
      }
      for (const bucket of rolled.values()) {
        expect(mean(bucket)).toBeGreaterThanOrEqual(bucket.low)
        expect(mean(bucket)).toBeLessThanOrEqual(bucket.high)
      }
    }),
  )
})
