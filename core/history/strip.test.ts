import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Span } from './event'
import { strip } from './strip'

const minute = 60_000
const hour = 60 * minute
const now = 100 * hour
const span = (state: string, from: number, to: number, cause: string | null = null): Span => ({
  state,
  from,
  to,
  cause,
})

test('strip() shows a short outage in the piece in which it was, and joins what is alike', () => {
  const lost = 90 * hour + minute
  const found = strip(
    [span('up', 76 * hour, lost), span('unreachable', lost, lost + 14_000, 'cut'), span('up', lost + 14_000, now)],
    24 * hour,
    96,
    now,
  )
  expect(found.pieces.map(({ state, from, to, cause }) => [state, from / hour, to / hour, cause])).toEqual([
    ['up', 76, 90, null],
    ['unreachable', 90, 90.25, 'cut'],
    ['up', 90.25, 100, null],
  ])
  expect(found).toMatchObject({ outages: 1, longest_s: 14, unwatched_s: 0 })
  expect(found.up).toBeCloseTo(1 - 14 / 86_400, 6)
})

test('strip() takes an outage that changes its name for one, and time nobody watched for neither up nor down', () => {
  const spans = [
    span('unknown', 76 * hour, 98 * hour),
    span('up', 98 * hour, 99 * hour),
    span('unresponsive', 99 * hour, 99 * hour + minute),
    span('unreachable', 99 * hour + minute, 99 * hour + 2 * minute),
    span('up', 99 * hour + 2 * minute, now),
  ]
  const found = strip(spans, 24 * hour, 96, now)
  expect(found).toMatchObject({ outages: 1, longest_s: 120, watched_s: 2 * 3600, unwatched_s: 22 * 3600 })
  expect(found.up).toBeCloseTo(118 / 120, 6)
  expect(strip([span('unknown', 76 * hour, now)], 24 * hour, 96, now).up).toBeNull()
})

test('a service that a person stopped, or whose model was swapped, was not lost', () => {
  const spans = [
    span('up', 76 * hour, 90 * hour),
    span('stopped', 90 * hour, 99 * hour),
    span('starting', 99 * hour, now),
  ]
  expect(strip(spans, 24 * hour, 96, now)).toMatchObject({ up: 1, outages: 0, off_s: 10 * 3600, unwatched_s: 0 })
})

test('a controller that was away for a moment does not paint a whole piece as not watched', () => {
  const spans = [
    span('up', 76 * hour, 80 * hour),
    span('unknown', 80 * hour, 80 * hour + 2000),
    span('up', 80 * hour + 2000, now),
  ]
  expect(strip(spans, 24 * hour, 96, now).pieces.map(({ state }) => state)).toEqual(['up'])
})

test('the pieces of strip() cover its time without a gap, and every outage is in one of them', () => {
  const states = fc.constantFrom('up', 'busy', 'down', 'stalled', 'unknown', 'stopped')
  fc.assert(
    fc.property(fc.array(fc.tuple(states, fc.integer({ min: 1, max: 5 * hour }))), fc.nat(hour), (lengths, late) => {
      const spans: Span[] = []
      let at = 76 * hour
      for (const [state, length] of lengths) {
        if (at >= now) break
        spans.push(span(state, at, Math.min(now, at + length)))
        at += length
      }
      const { pieces, from, to } = strip(spans, 24 * hour, 96, now + late)
      let next = from
      for (const piece of pieces) {
        expect(piece.from).toBe(next)
        next = piece.to
      }
      expect(next).toBe(to)
      for (const lost of spans.filter((each) => each.state === 'down' && each.to > from))
        expect(pieces.some((each) => each.state === 'down' && each.from < lost.to && each.to > lost.from)).toBe(true)
    }),
  )
})
