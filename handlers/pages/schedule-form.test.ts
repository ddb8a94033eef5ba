import { expect, test } from 'bun:test'
import { typedPlan } from './schedule-form'

const typed = {
  title: ' Night ',
  owner: 'Alice',
  recipe: 'a',
  repeats: 'once',
  date: '2027-01-31',
  weekday: '3',
  time: '02:05',
  cron: ' 0 3 * * 1 ',
  timezone: 'Europe/Berlin',
  minutes: '90',
}

test.each([
  ['once', { at: '2027-01-31T02:05' }],
  ['daily', { cron: '5 2 * * *' }],
  ['weekdays', { cron: '5 2 * * 1-5' }],
  ['weekly', { cron: '5 2 * * 3' }],
  ['cron', { cron: '0 3 * * 1' }],
])('typedPlan() of %s is %o', (repeats, when) => {
  const plan = { title: 'Night', owner: 'Alice', recipe: 'a', timezone: 'Europe/Berlin', duration_s: 5400 }
  expect(typedPlan({ ...typed, repeats })).toEqual({ ...plan, ...when })
})

test('typedPlan() of no recipe unloads', () => {
  expect(typedPlan({ ...typed, recipe: '' }).recipe).toBeNull()
})

test.each([
  [{ minutes: '0' }, 'minutes'],
  [{ minutes: '1.5' }, 'minutes'],
  [{ minutes: '' }, 'minutes'],
  [{ time: '' }, 'time'],
  [{ title: ' \n ' }, 'title'],
  [{ owner: 'x'.repeat(121) }, 'owner'],
])('typedPlan() refuses %o and names %s', (change, field) => {
  expect(() => typedPlan({ ...typed, ...change })).toThrow(new RegExp(`^${field}: .*; `))
})
