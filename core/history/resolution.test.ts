import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { caps } from './caps'
import { resolution } from './resolution'

const now = 1_800_000_000_000
const hour = 3_600_000

test.each([
  ['the last 10 minutes', now - hour / 6, undefined, 'second', 2],
  ['the last hour', now - hour, undefined, 'minute', 60],
  ['the last day', now - 24 * hour, undefined, 'minute', 300],
  ['the last week', now - 168 * hour, undefined, 'minute', 1800],
  ['the last year', now - 8760 * hour, undefined, 'day', 86_400],
  ['the last hour, at most finely', now - hour, 1, 'minute', 60],
  ['an hour of last year', now - 8760 * hour, 60, 'hour', 5 * 3600],
  ['90 s of today', now - 24 * hour, 90, 'minute', 120],
] as const)('resolution() of %s', (_, from, step, source, step_s) => {
  expect(resolution({ from, to: now, step, now })).toEqual({ source, step_s })
})

test('resolution() never gives more than 2,000 points, nor a step that its source cannot fill', () => {
  const ms = fc.integer({ min: 0, max: 500 * 24 * hour })
  fc.assert(
    fc.property(ms, ms, fc.option(fc.integer({ min: 1, max: 1e7 }), { nil: undefined }), (back, span, step) => {
      const from = now - back
      const { source, step_s } = resolution({ from, to: from + span, step, now })
      expect(span / 1000 / step_s).toBeLessThanOrEqual(caps.points)
      expect(step_s % { second: 1, minute: 60, hour: 3600, day: 86_400 }[source]).toBe(0)
      expect(step_s).toBeGreaterThanOrEqual(step ?? 1)
    }),
  )
})
