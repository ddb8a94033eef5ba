import { expect, test } from 'bun:test'
import type { JobView } from '../../core/jobs/job'
import { sampleData, sampleSwap } from '../page-data.sample'
import { askedBy, cancelLabel, doing, ending, outcome, swapTitle } from './swap-words'

const data = sampleData()
const untouched = sampleSwap({ phases: [{ ...phase('preflight'), started_at: null }, phase('stop', null)] })
const back = { phase: 'back_load', ending: 'failed' as const }

function phase(name: string, began: string | null = '2026-01-31T14:04:00Z') {
  return {
    name,
    state: began ? ('done' as const) : ('pending' as const),
    started_at: began,
    ended_at: began,
    detail: null,
  }
}

test.each<[Partial<JobView>, string]>([
  [{}, 'Swap to GPT-OSS 120B'],
  [{ recipe: null }, 'Unload Qwen3 32B'],
  [{ recipe: null, previous: null }, 'Unload the model'],
  [{ recipe: 'gone' }, 'Swap to gone'],
])('swapTitle() of %o is %p', (changes, title) => {
  expect(swapTitle(sampleSwap(changes), data)).toBe(title)
})

test('doing() tells the way back by what comes back', () => {
  expect(doing(sampleSwap(), data)).toBe('Swap to GPT-OSS 120B')
  expect(doing(sampleSwap(back), data)).toBe('Bringing back Qwen3 32B')
  const others = [{ service: 'b', recipe: 'gpt-oss-120b' }]
  expect(doing(sampleSwap({ ...back, makes_room: others }), data)).toBe('Bringing back Qwen3 32B and GPT-OSS 120B')
})

test('cancelLabel() says what is loaded after it, at every point of a swap', () => {
  expect(cancelLabel(untouched, data)).toBe('Cancel: Qwen3 32B stays loaded')
  expect(cancelLabel({ ...untouched, previous: null }, data)).toBe('Cancel: nothing changes')
  expect(cancelLabel(sampleSwap(), data)).toBe('Cancel: Qwen3 32B comes back')
  expect(cancelLabel(sampleSwap({ previous: null }), data)).toBe('Cancel: no model is loaded afterwards')
  expect(cancelLabel(sampleSwap(back), data)).toBe('Stop: no model is loaded afterwards')
  expect(cancelLabel(sampleSwap({ ...back, cancels: 2 }), data)).toBeNull()
  expect(cancelLabel(sampleSwap({ ending: 'failed' }), data)).toBeNull()
})

test.each<[Partial<JobView>, string]>([
  [{ result: 'new' }, 'GPT-OSS 120B is loaded.'],
  [{ result: 'new', recipe: null }, 'No model is loaded now.'],
  [{ result: 'previous' }, 'Qwen3 32B is loaded again.'],
  [{ result: 'previous', phases: untouched.phases }, 'Qwen3 32B was not touched and is still loaded.'],
  [{ result: 'none' }, 'No model is loaded now.'],
  [{ state: 'needs_attention', result: 'none' }, 'What ran before could not be brought back. No model is loaded now.'],
  [{ result: 'unknown' }, 'What is loaded now could not be told.'],
  [{}, ''],
])('outcome() of %o is %p', (changes, text) => {
  expect(outcome(sampleSwap(changes), data)).toBe(text)
})

test.each<[JobView['state'], string]>([
  ['done', 'Swap to GPT-OSS 120B: done'],
  ['failed', 'The swap to GPT-OSS 120B failed'],
  ['rolled_back', 'The swap to GPT-OSS 120B failed'],
  ['cancelled', 'The swap to GPT-OSS 120B was cancelled'],
  ['needs_attention', 'The swap to GPT-OSS 120B failed'],
])('ending() of a swap that is %s is %p', (state, text) => {
  expect(ending(sampleSwap({ state }), data)).toBe(text)
})

test('ending() of an unload names it so', () => {
  expect(ending(sampleSwap({ state: 'failed', recipe: null }), data)).toBe('The attempt to unload Qwen3 32B failed')
})

test('askedBy() says nothing of a swap that was recorded before anybody noted it', () => {
  expect(askedBy(sampleSwap())).toBeNull()
  expect(askedBy(sampleSwap({ by: 'idle' }))).toBe('Begun because nobody had used the model for a while.')
})
