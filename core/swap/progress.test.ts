import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  backPhases,
  endSwap,
  enterPhase,
  leavePhase,
  type NewSwap,
  newSwap,
  secondsByPhase,
  secondsLeft,
  swapPhases,
  swapProgress,
} from './progress'

const request: NewSwap = { recipe: 'b', service: 'llm', previous: 'a', eta: 100, by: 'person', makesRoom: [] }

test('swapProgress() rises through the phases and their shares', () => {
  const points = swapPhases.flatMap((phase) => [0, 0.5, 1].map((share) => swapProgress(phase, share)))
  expect(points).toEqual([...points].sort((a, b) => a - b))
  expect([points[0], points.at(-1)]).toEqual([0, 1])
})

test('enterPhase() closes what was before and never lets the bar fall', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...swapPhases)), (order) => {
      let job = newSwap('swap-1', request, 't')
      for (const phase of order) {
        const next = enterPhase(job, phase, '', 't')
        expect(next.progress).toBeGreaterThanOrEqual(job.progress)
        expect(next.phase).toBe(phase)
        job = next
      }
    }),
  )
})

test('endSwap() fills the bar only when it is done', () => {
  const job = enterPhase(newSwap('swap-1', request, 't'), 'load', '', 't')
  expect(endSwap(job, 'done', 't')).toMatchObject({ state: 'done', progress: 1, eta_s: null, ended_at: 't' })
  const failed = endSwap(job, 'failed', 't', { code: 'x', message: 'm', remedy: 'r' })
  expect(failed.progress).toBeLessThan(1)
  expect(failed.phases.find((phase) => phase.name === 'load')?.state).toBe('failed')
  expect(failed.phases.find((phase) => phase.name === 'first_token')?.state).toBe('skipped')
})

test('secondsLeft() is a whole number of at least one second, whatever it is given', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1e5, noNaN: true }),
      fc.double({ min: 0, max: 1e5, noNaN: true }),
      (progress, elapsed, usual) => {
        const left = secondsLeft(progress, elapsed, usual)
        expect(Number.isInteger(left) && left >= 1).toBe(true)
      },
    ),
  )
})

test('enterPhase() puts the way back after what failed, and skips what was not reached', () => {
  const loading = enterPhase(
    leavePhase(enterPhase(newSwap('swap-1', request, 't'), 'launch', '', 't'), 't'),
    'load',
    '',
    't',
  )
  const back = enterPhase(loading, 'back_stop', '', 't')
  const stateOf = (name: string) => back.phases.find((each) => each.name === name)?.state
  expect(['launch', 'load', 'first_token', 'back_stop', 'back_load'].map(stateOf)).toEqual([
    'done',
    'failed',
    'skipped',
    'running',
    'pending',
  ])
  expect(back.phases.map(({ name }) => name)).toEqual([...swapPhases, ...backPhases])
})

test('secondsByPhase() adds the rest of this phase to those that follow', () => {
  const usual = { load: 60, first_token: 2, commit: 1 }
  expect(secondsByPhase('load', 0, 0, usual)).toBe(63)
  expect(secondsByPhase('load', 0.5, 30, usual)).toBe(33)
  expect(secondsByPhase('stop', 0, 0, usual)).toBeNull()
})

test('secondsLeft() believes the usual time at first and the pace later', () => {
  expect(secondsLeft(0.01, 1, 100)).toBe(99)
  expect(secondsLeft(0.8, 80, 400)).toBe(20)
  expect(secondsLeft(0.5, 200, 100)).toBe(200)
})
