/** @jsxImportSource #jsx */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Strip } from '../../core/history/strip'
import { elementsOf } from '../rendered.sample'
import { Chart } from './chart'
import { Sparkline } from './sparkline'
import { StripChart, stripText } from './strip'

const line = (values: (number | null)[]) => ({ metric: 'm', label: 'GPU', unit: '%', values })
const strip = (changes: Partial<Strip>): Strip => ({
  from: 0,
  to: 86_400_000,
  pieces: [],
  up: 1,
  outages: 0,
  longest_s: null,
  off_s: 0,
  watched_s: 86_400,
  unwatched_s: 0,
  ...changes,
})
const pathsOf = (html: unknown) => elementsOf(String(html)).flatMap(({ attributes }) => attributes.d ?? [])

test('Sparkline() leaves a gap where nothing was seen and says its range and its last figure', () => {
  const html = <Sparkline line={line([10, 20, null, 97, null, 45])} over="last 15 min" low={0} high={100} />
  expect(elementsOf(html)[0]?.attributes).toMatchObject({
    role: 'img',
    'aria-label': 'GPU, last 15 min: from 10 % to 97 %, now 45 %',
  })
  expect(pathsOf(html)[0]?.match(/M/g)).toHaveLength(3)
  expect(String(<Sparkline line={line([null, null])} over="last 15 min" />)).toBe('')
  expect(String(<Sparkline line={line([5, 5, null])} over="last hour" />)).toContain('GPU, last hour: steady, last 5 %')
})

test('Sparkline() and Chart() draw any figures within their frame', () => {
  const figure = fc.double({ min: -1e12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.option(figure), { maxLength: 80 }), fc.option(figure), (values, low) => {
      const ends = low === null ? {} : { low: Math.min(low, ...values.map((value) => value ?? low)) }
      const spark = <Sparkline line={line(values)} over="x" {...ends} />
      const points = values.flatMap((value, index) =>
        value === null
          ? []
          : [{ at: new Date(index * 60_000).toISOString(), avg: value, min: value - 1, max: value + 1 }],
      )
      const scale = { metric: 'm', label: 'GPU', unit: '%', step_s: 60, from: 0, to: 80 * 60_000 }
      const chart = points.length === 0 ? '' : <Chart chart={{ ...scale, points }} over="x" begin="y" />
      for (const [html, height] of [[spark, 24] as const, [chart, 120] as const])
        for (const path of pathsOf(html)) {
          expect(path).not.toMatch(/NaN|Infinity/)
          for (const [, y] of path.matchAll(/[ML][\d.]+ (-?[\d.]+)/g)) {
            expect(Number(y)).toBeGreaterThanOrEqual(0)
            expect(Number(y)).toBeLessThanOrEqual(height)
          }
        }
    }),
  )
})

test.each([
  [{ up: 0.99799, outages: 2, longest_s: 14 }, '99.79 % up in the last 24 h, 2 outages, longest 14 s'],
  [{ up: 0.999999, outages: 1, longest_s: 1.2 }, '99.99 % up in the last 24 h, 1 outage, longest 1 s'],
  [{}, '100 % up in the last 24 h, no outage'],
  [{ watched_s: 79_200, unwatched_s: 7200 }, '100 % up in the last 24 h, no outage, not watched for 2 h'],
  [{ up: null, watched_s: 0, unwatched_s: 86_400 }, 'Not watched in the last 24 h, not watched for 1 d'],
  [{ up: null, off_s: 30 }, 'Not running in the last 24 h'],
])('stripText() of %o is %p', (changes, text) => {
  expect(stripText(strip(changes), 'Last 24 h')).toBe(text)
})

test('StripChart() does not let a share of two minutes pass for one of a day', () => {
  const shown = (changes: Partial<Strip>) => (<StripChart strip={strip(changes)} over="Last 24 h" />).value
  expect(shown({ up: 0.88634, watched_s: 120, unwatched_s: 86_280 })).toContain('88.63 % up of 2 min watched')
  expect(shown({ up: 0.88634, watched_s: 86_000, unwatched_s: 400 })).toContain('88.63 % up</span>')
})

test('StripChart() marks trouble taller than what was well, and titles each mark with its times and cause', () => {
  const pieces = [
    { from: 0, to: 43_200_000, state: 'up', cause: null },
    { from: 43_200_000, to: 44_100_000, state: 'unreachable', cause: 'the <cable>' },
    { from: 44_100_000, to: 86_400_000, state: 'unknown', cause: null },
  ]
  const html = <StripChart strip={strip({ pieces })} over="Last 24 h" />
  const marks = elementsOf(html).filter(({ tag }) => tag === 'rect')
  expect(marks.map(({ attributes }) => attributes.class)).toEqual(['ok', 'bad', 'unknown'])
  const heights = marks.map(({ attributes }) => Number(attributes.height))
  expect(heights[1]).toBeGreaterThan(heights[0] ?? 0)
  expect(html.value).toContain('1970-01-01 12:00 to 12:15 UTC: unreachable: the &lt;cable&gt;')
})
