import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { sampleContainer, sampleHostView } from '../cluster/host-view.sample'
import { sampleHost, sampleService } from '../config/declared.sample'
import type { JobState, JobView, SwapCause } from '../jobs/job'
import { sampleRecipe } from '../models/recipe.sample'
import type { Load } from './loads'
import { type ResumptionState, resumption } from './resumption'

const minute = 60_000
const service = sampleService('llm', { hosts: [sampleHost('spark-1'), sampleHost('spark-2')], title: 'Language model' })
const load: Load = {
  service: 'llm',
  recipe: 'wide',
  job: 'swap-1',
  by: 'person',
  order: { recipe: sampleRecipe({ id: 'wide', name: 'Wide', nodes: 2 }), utilization: null, memory: {}, weights: null },
  boots: { 'spark-1': 'before', 'spark-2': 'before' },
  at: 0,
}
const booted = (id: string, boot_id = 'after') => sampleHostView(id, { boot_id })
const state: ResumptionState = {
  service,
  load,
  seen: 'stopped',
  serves: false,
  hosts: [booted('spark-1'), booted('spark-2', 'before')],
  swaps: () => [],
  swapping: false,
  lock: { holder: null, reason: null, expires_at: null },
  failedTooOften: false,
  readyMs: 20_000,
  now: 100 * minute,
}
const decided = (fields: Partial<ResumptionState>) => resumption({ ...state, ...fields })
const swap = (by: SwapCause, ended: JobState, endedAt: number, recipe = 'wide') =>
  ({
    by,
    service: 'llm',
    recipe,
    state: ended,
    created_at: new Date(endedAt - 1000).toISOString(),
    ended_at: new Date(endedAt).toISOString(),
    error: { message: 'out of memory', code: 'x', remedy: 'y' },
  }) as JobView

test('after a restart of one of its Sparks the last model is loaded again, once all of them are up for a while', () => {
  expect(decided({})).toEqual({ kind: 'load', attempt: 1 })
  expect(decided({ readyMs: 19_000 })).toEqual({
    kind: 'wait',
    text: 'Language model: Wide is no longer loaded since spark-1 restarted',
    remedy: 'it is loaded again by itself shortly',
  })
  expect(decided({ seen: 'down' }).kind).toBe('load')
})

test.each<[string, Partial<ResumptionState>]>([
  ['nobody loaded anything, or a person unloaded it', { load: null }],
  ['no Spark restarted', { hosts: [booted('spark-1', 'before'), booted('spark-2', 'before')] }],
  ['it is not known whether one restarted', { hosts: [sampleHostView('spark-1'), sampleHostView('spark-2')] }],
  ['a Spark is out of reach', { hosts: [booted('spark-1'), { ...booted('spark-2'), state: 'unreachable' }] }],
  ['docker does not answer', { hosts: [booted('spark-1'), { ...booted('spark-2'), cause: 'docker does not answer' }] }],
  ['a swap runs', { swapping: true }],
  ['something answers there', { serves: true }],
  ['the service is not known to be empty', { seen: 'unknown' }],
  [
    'docker has started the container again',
    {
      seen: 'down',
      hosts: [
        sampleHostView('spark-1', { boot_id: 'after', containers: [sampleContainer()] }),
        booted('spark-2', 'before'),
      ],
    },
  ],
  ['a person cancelled the last try', { swaps: () => [swap('resume', 'cancelled', minute)] }],
])('nothing is loaded where %s', (_, fields) => {
  expect(decided(fields)).toEqual({ kind: 'nothing' })
})

test('while the lock is held it waits, and names the holder', () => {
  expect(decided({ lock: { holder: 'Alice', reason: '', expires_at: null } })).toMatchObject({
    kind: 'wait',
    remedy: 'it is loaded again once Alice releases the lock',
  })
})

test('three tries with growing pauses, then a person is asked', () => {
  const failed = (...at: number[]) => at.map((each) => swap('resume', 'failed', each)).reverse()
  const at = (now: number, ...tries: number[]) => decided({ now, swaps: () => failed(...tries) })
  expect(at(minute + 59_000, minute).kind).toBe('wait')
  expect(at(2 * minute, minute)).toEqual({ kind: 'load', attempt: 2 })
  expect(at(6 * minute, minute, 2 * minute).kind).toBe('wait')
  expect(at(7 * minute, minute, 2 * minute)).toEqual({ kind: 'load', attempt: 3 })
  expect(at(100 * minute, minute, 2 * minute, 7 * minute)).toEqual({
    kind: 'given_up',
    text: 'Language model: Wide is no longer loaded since spark-1 restarted, and 3 tries to load it again failed: out of memory',
    remedy: 'read the log of the last swap, then load it again under Models',
  })
  expect(decided({ failedTooOften: true }).kind).toBe('given_up')
})

test('tries of before it was loaded, and swaps that others asked for, do not count', () => {
  const old = [1, 2, 3].map((at) => swap('resume', 'failed', -at * minute))
  expect(decided({ swaps: () => [...old, swap('person', 'failed', minute)] })).toEqual({ kind: 'load', attempt: 1 })
})

test('a clock that was set back bars no try for ever, and none is ever made of more than three', () => {
  expect(decided({ now: 0, swaps: () => [swap('resume', 'failed', minute)] })).toEqual({ kind: 'load', attempt: 2 })
  fc.assert(
    fc.property(fc.array(fc.nat(1e7), { maxLength: 6 }), fc.nat(2e7), fc.nat(1e6), (ends, now, readyMs) => {
      const found = decided({ now, readyMs, swaps: () => ends.map((end) => swap('resume', 'failed', end + 1000)) })
      if (found.kind === 'load') expect(found.attempt).toBeLessThanOrEqual(3)
      if (ends.length >= 3) expect(found.kind).toBe('given_up')
    }),
  )
})
