import { expect, test } from 'bun:test'
import type { ServiceView } from '../cluster/snapshot'
import type { JobView } from '../jobs/job'
import { lostModels } from './lost-model'

const service = (state: ServiceView['state']) => ({ id: 'llm', title: 'llm', state, since: null }) as ServiceView
const swap = (state: JobView['state'], ended: number | null, more: Partial<JobView> = {}) =>
  ({ service: 'llm', state, ended_at: ended === null ? null : new Date(ended).toISOString(), ...more }) as JobView

function watched() {
  let now = 1000
  const lost = lostModels(() => now)
  return (
    state: ServiceView['state'],
    model: string | null,
    last: JobView | null = null,
    expected: string | null = null,
  ) => {
    now += 1000
    return lost([{ service: service(state), model, expected }], last).map(({ text }) => text)
  }
}

test('lostModels() tells a model that is gone though nobody unloaded it, until one is loaded again', () => {
  const look = watched()
  expect(look('up', 'Llama')).toEqual([])
  expect(look('unknown', null)).toEqual([])
  expect(look('stopped', null)).toEqual(['llm: Llama is no longer loaded, and nobody unloaded it'])
  expect(look('starting', null, swap('running', null))).toEqual([])
  expect(look('up', 'Qwen')).toEqual([])
})

test('lostModels() says nothing after a person unloaded it, or a swap ended without a model or to make room', () => {
  const room = { service: 'other', makes_room: [{ service: 'llm', recipe: 'x' }] }
  for (const end of [swap('done', 9000), swap('cancelled', 9000), swap('failed', 9000), swap('done', 9000, room)]) {
    const look = watched()
    look('up', 'Llama')
    expect(look('stopped', null, end)).toEqual([])
  }
})

test('lostModels() knows after a restart of this program what the arbiter had left, whatever was swapped elsewhere since', () => {
  const look = watched()
  const gone = ['llm: Qwen is no longer loaded, and nobody unloaded it']
  expect(look('stopped', null, swap('done', 500), 'Qwen')).toEqual(gone)
  expect(look('stopped', null, swap('done', 9000, { service: 'other' }), 'Qwen')).toEqual(gone)
  expect(look('stopped', null, swap('needs_attention', 500), 'Qwen')).toEqual([])
})
