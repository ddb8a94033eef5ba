import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { sampleSwap } from '../page-data.sample'
import { elementsOf } from '../rendered.sample'
import { Log, Phases, Progress, percent } from './job'

test('percent() never falls as the job goes on, stays from 0 to 99, and is whole', () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), (a, b) => {
      const [lower, higher] = [
        percent(sampleSwap({ progress: Math.min(a, b) })),
        percent(sampleSwap({ progress: Math.max(a, b) })),
      ]
      for (const share of [lower, higher]) expect(share).toBeWithin(0, 100)
      expect(Number.isInteger(lower)).toBe(true)
      if (!Number.isNaN(a + b)) expect(lower).toBeLessThanOrEqual(higher)
    }),
  )
})

test('percent() is 100 only for a job that has ended', () => {
  expect(percent(sampleSwap({ progress: 1 }))).toBe(99)
  expect(percent(sampleSwap({ progress: 1, state: 'done' }))).toBe(100)
})

test('Progress() tells share and time left to those who do not see the bar', () => {
  const bar = elementsOf(Progress({ job: sampleSwap(), label: 'Swap' })).find(({ tag }) => tag === 'progress')
  expect(bar?.attributes).toEqual({
    max: '100',
    value: '40',
    'aria-label': 'Swap',
    'aria-valuetext': '40 %, about 2 min left',
  })
})

test('Progress() claims no time left that it does not know', () => {
  expect(String(Progress({ job: sampleSwap({ eta_s: null }), label: 'Swap' }))).toContain('time left not known yet')
})

test('Phases() marks the running one as the current step', () => {
  const steps = elementsOf(Phases({ job: sampleSwap() })).filter(({ tag }) => tag === 'li')
  expect(steps.map(({ attributes }) => attributes['aria-current'])).toEqual([undefined, 'step', undefined])
})

test('Log() is reachable by keyboard and out of reach for htmx', () => {
  const [log] = elementsOf(Log({ id: 'log', lines: ['a', 'b'], label: 'Log' }))
  expect(log?.attributes).toMatchObject({ tabindex: '0', role: 'group', 'aria-label': 'Log', 'hx-ignore': '' })
})
