import { expect, test } from 'bun:test'
import type { ServiceView } from '../cluster/snapshot'
import type { JobView } from '../jobs/job'
import { lostModels } from './lost-model'

const service = (state: ServiceView['state']) => ({ id: 'llm', title: 'llm', state, since: null }) as ServiceView
const swap = (state: JobView['state'], recipe: string | null, ended: number | null) =>
  ({ service: 'llm', state, recipe, ended_at: ended === null ? null : new Date(ended).toISOString() }) as JobView

function watched() {
  let now = 1000
  const lost = lostModels(() => now)
  return (state: ServiceView['state'], model: string | null, last: JobView | null = null) => {
    now += 1000
    return lost([{ service: service(state), model }], last, (id) => `recipe ${id}`).map(({ text }) => text)
  }
}

test('lostModels() tells a model that is gone though nobody unloaded it, until one is loaded again', () => {
  const look = watched()
  expect(look('up', 'Llama')).toEqual([])
  expect(look('unknown', null)).toEqual([])
  expect(look('stopped', null)).toEqual(['llm: Llama is no longer loaded, and nobody unloaded it'])
  expect(look('starting', null, swap('running', 'x', null))).toEqual([])
  expect(look('up', 'Qwen')).toEqual([])
})

test('lostModels() says nothing after a person unloaded it, or a swap ended without a model', () => {
  for (const end of [swap('done', null, 9000), swap('cancelled', 'x', 9000), swap('failed', 'x', 9000)]) {
    const look = watched()
    look('up', 'Llama')
    expect(look('stopped', null, end)).toEqual([])
  }
})

test('lostModels() knows after a restart of this program what the last swap had loaded', () => {
  const look = watched()
  expect(look('stopped', null, swap('done', 'x', 500))).toEqual([
    'llm: recipe x is no longer loaded, and nobody unloaded it',
  ])
})
