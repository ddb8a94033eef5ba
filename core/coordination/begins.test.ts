import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { begins, cronProblem, isTimezone, localTime } from './begins'

const dayMs = 24 * 3600_000
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kolkata', 'UTC']
const at = (text: string) => Date.parse(text)
const next = (cron: string, timezone: string, after: string, count: number) =>
  begins({ cron, at: null, timezone }, at(after), count).map((time) => new Date(time).toISOString().slice(0, 16))

test('begins() keeps to the clock on the wall where summer time comes and goes', () => {
  expect(next('0 9 * * *', 'Europe/Berlin', '2027-03-27T00:00:00Z', 2)).toEqual([
    '2027-03-27T08:00',
    '2027-03-28T07:00',
  ])
  expect(next('0 9 * * *', 'Europe/Berlin', '2027-10-30T00:00:00Z', 2)).toEqual([
    '2027-10-30T07:00',
    '2027-10-31T08:00',
  ])
})

test('begins() starts after the gap what falls into the hour that is skipped', () => {
  expect(next('30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00:00Z', 2)).toEqual([
    '2027-03-28T01:00',
    '2027-03-29T00:30',
  ])
  expect(next('30 2,14 * * *', 'Europe/Berlin', '2027-03-27T14:00:00Z', 2)).toEqual([
    '2027-03-28T01:00',
    '2027-03-28T12:30',
  ])
})

test('begins() starts once what falls into the hour that comes twice', () => {
  expect(next('30 2 * * *', 'Europe/Berlin', '2027-10-30T12:00:00Z', 2)).toEqual([
    '2027-10-31T00:30',
    '2027-11-01T01:30',
  ])
})

test('begins() lies after the moment, never on it', () => {
  const noon = { cron: '0 12 * * *', at: null, timezone: 'UTC' }
  const day = at('2027-01-05T12:00:00Z')
  expect(begins(noon, day - 1, 1)).toEqual([day])
  expect(begins(noon, day, 1)).toEqual([day + dayMs])
  const once = { cron: null, at: '2027-01-05T12:00:00Z', timezone: 'UTC' }
  expect([begins(once, day - 1, 5), begins(once, day, 5)]).toEqual([[day], []])
})

test('whatever the time, zone and season, what is daily begins once on each day and shows its time on the wall', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.constantFrom(...zones),
      fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2031-01-01T00:00:00Z') }),
      (hour, minute, timezone, after) => {
        const times = begins({ cron: `${minute} ${hour} * * *`, at: null, timezone }, after, 10)
        const shown = times.map((time) => wall(time, timezone))
        const dates = shown.map(({ date }) => Date.parse(date) / dayMs)
        expect(dates).toEqual(dates.map((_, n) => (dates[0] ?? 0) + n))
        const wanted = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
        const others = shown.filter(({ time }) => time !== wanted)
        // On one of ten days a clock may skip that hour.
        expect(others.length).toBeLessThanOrEqual(1)
        for (const { time } of others) expect(time > wanted).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

test('cronProblem() takes five fields, and tells what is none', () => {
  for (const cron of ['0 3 * * 1-5', '*/15 8-18 * JAN-MAR MON', '0 0 L * *', '0 0 * * 5#2', '0 0 29 2 *'])
    expect(cronProblem(cron, 'UTC')).toBeNull()
  for (const cron of [
    '',
    '0 3 * *',
    '0 0 3 * * *',
    '@daily',
    '61 * * * *',
    '0 3 * * BAD',
    '? * * * *',
    '2027-01-01T00:00:00Z',
  ])
    expect(cronProblem(cron, 'UTC')).not.toBeNull()
})

test('isTimezone() knows names, not offsets', () => {
  expect(['Europe/Berlin', 'UTC', 'Mars/Phobos', '+02:00', ''].map(isTimezone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

test('localTime() reads the clock of a timezone', () => {
  expect(localTime('2027-01-01T09:00', 'America/New_York')).toBe(at('2027-01-01T14:00:00Z'))
  expect(localTime('2027-07-01T09:00:30', 'America/New_York')).toBe(at('2027-07-01T13:00:30Z'))
  expect(localTime('2027-13-01T09:00', 'UTC')).toBeNaN()
})

function wall(time: number, timeZone: string): { date: string; time: string } {
  const parts = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(time)
  const [date = '', clock = ''] = parts.split(' ')
  return { date, time: clock }
}
