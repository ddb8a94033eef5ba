import { expect, test } from 'bun:test'
import type { JobView } from '../jobs/job'
import { newJob } from '../jobs/progress'
import { sampleRecipe } from '../models/recipe.sample'
import { changing } from './changing'

const [old, next, other] = ['old', 'next', 'other'].map((id) => sampleRecipe({ id }))
const recipes = [old, next, other].flatMap((each) => each ?? [])

test('changing() brings the new model from the beginning, and takes the old one once its door is shut', () => {
  expect(shown({}, [])).toEqual({ leaving: [], coming: { llm: 'next' } })
  expect(shown({}, ['llm', 'side'])).toEqual({ leaving: ['llm', 'side'], coming: { llm: 'next' } })
  expect(shown({ recipe: null }, ['llm'])).toEqual({ leaving: ['llm'], coming: {} })
})

test('changing() brings what ran before on the way back, and nothing once that was cancelled too', () => {
  const back = { llm: 'old', side: 'other' }
  expect(shown({ ending: 'failed' }, ['llm', 'side']).coming).toEqual(back)
  expect(shown({ ending: 'cancelled', cancels: 1 }, ['llm', 'side']).coming).toEqual(back)
  expect(shown({ ending: 'cancelled', cancels: 2 }, ['llm', 'side']).coming).toEqual({})
})

test('changing() knows of nothing when no swap runs, whatever door is still shut', () => {
  expect(shown({ state: 'done', ended_at: '2026-01-01T00:00:00Z' }, ['llm'])).toEqual({ leaving: [], coming: {} })
  expect(changing({ swap: null, isShut: () => true, recipes }).leaving.size).toBe(0)
})

function shown(part: Partial<JobView>, shut: string[]) {
  const job = newJob({ id: 'swap-1', kind: 'swap', service: 'llm', phases: [] }, '2026-01-01T00:00:00Z')
  const swap = { ...job, recipe: 'next', previous: 'old', makes_room: [{ service: 'side', recipe: 'other' }], ...part }
  const { leaving, coming } = changing({ swap, isShut: (service) => shut.includes(service), recipes })
  return { leaving: [...leaving], coming: Object.fromEntries([...coming].map(([service, { id }]) => [service, id])) }
}
