import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { age, lasting, moment } from './age'
import { bytes, bytesOf, bytesPerSecond } from './bytes'
import { duration, estimate } from './duration'
import { figure } from './figure'

const now = '2026-01-31T14:05:30Z'

test.each([
  [128_500_000_000, '119.7 GiB'],
  [0, '0 MiB'],
  [52_428_800, '50 MiB'],
  [4_000_000_000_000, '3.6 TiB'],
])('bytes(%p) is %p', (size, text) => {
  expect(bytes(size)).toBe(text)
})

test('bytesOf() tells both figures in one unit', () => {
  expect(bytesOf(2 ** 30, 2 ** 32)).toBe('1.0 of 4.0 GiB')
  expect(bytesOf(342 * 2 ** 30, 915 * 2 ** 30)).toBe('342 of 915 GiB')
  expect(bytesOf(2 ** 39, 2 ** 41)).toBe('0.5 of 2.0 TiB')
})

test.each([
  [110 * 2 ** 20, '110 MiB/s'],
  [2.4 * 2 ** 30, '2.4 GiB/s'],
  [0, '0 MiB/s'],
])('bytesPerSecond(%p) is %p', (rate, text) => {
  expect(bytesPerSecond(rate)).toBe(text)
})

test.each([
  [0, '0 s'],
  [45.4, '45 s'],
  [125, '2 min 5 s'],
  [3600, '1 h'],
  [273_900, '3 d 4 h'],
  [-5, '0 s'],
])('duration(%p) is %p', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

test.each([
  [20, 'less than a minute'],
  [61, 'about 1 min'],
  [170, 'about 3 min'],
  [3000, 'about 50 min'],
  [7300, 'about 2 h'],
])('estimate(%p) is %p', (seconds, text) => {
  expect(estimate(seconds)).toBe(text)
})

test.each([
  ['2026-01-31T14:05:28Z', '2 s ago'],
  ['2026-01-31T14:05:30.2Z', 'just now'],
  ['2026-01-31T14:03:29Z', '2 min ago'],
  ['2026-01-30T14:03:29Z', '1 d ago'],
  ['2026-01-31T14:35:00Z', 'in 29 min'],
  ['rubbish', 'at an unknown time'],
])('age(%p) is %p', (time, text) => {
  expect(age(time, now)).toBe(text)
})

test('lasting() tells how long, and an unreadable time as unknown', () => {
  expect(lasting('2026-01-31T11:05:30Z', now)).toBe('3 h')
  expect(lasting('2026-01-31T14:05:31Z', now)).toBe('0 s')
  expect(lasting('', now)).toBe('an unknown time')
})

test('moment() is empty for what is no time', () => {
  expect(moment('2026-01-31T14:05:28.123Z')).toBe('2026-01-31 14:05:28 UTC')
  expect(moment('rubbish')).toBe('')
})

test.each([
  [null, '%', 'not known'],
  [Number.NaN, '%', 'not known'],
  ['', null, 'not known'],
  [45, '%', '45 %'],
  [1234.56, 'tokens/s', '1,234.6 tokens/s'],
  [2 ** 31, 'bytes', '2.0 GiB'],
  [125, 's', '2 min 5 s'],
  ['idle', null, 'idle'],
])('figure(%p, %p) is %p', (value, unit, text) => {
  expect(figure(value, unit)).toBe(text)
})

test('duration() and estimate() never say a number that is not there', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (seconds) => {
      expect(duration(seconds) + estimate(seconds)).not.toMatch(/NaN|Infinity|undefined|-\d/)
    }),
  )
})
