import { expect, test } from 'bun:test'
import { usualDemand } from '../../models/own-block'
import { sampleRecipe } from '../../models/recipe.sample'
import type { SlotNow } from './may-end'
import { idleAt, nextIdle } from './next-idle'

test('nextIdle() unloads what nobody has used for its time, the longest idle first', () => {
  const slots = [slot('s1', 60, { usedAt: 20_000 }), slot('s2', 60, { usedAt: 10_000 })]
  expect(nextIdle(slots, 69_999)).toBeNull()
  expect(nextIdle(slots, 70_000)).toBe('s2')
  expect(Object.fromEntries(idleAt(slots))).toEqual({ s1: 80_000, s2: 70_000 })
})

test('nextIdle() leaves alone what stays, what was loaded a moment ago, and what can not be seen', () => {
  const now = 1_000_000
  expect(nextIdle([slot('s', null)], now)).toBeNull()
  expect(nextIdle([slot('s', 1, { loadedAt: now - 5000 }, 10)], now)).toBeNull()
  expect(nextIdle([slot('s', 1, { seen: false })], now)).toBeNull()
  expect(nextIdle([{ ...slot('s', 1), repo: null, recipe: null }], now)).toBeNull()
})

function slot(service: string, idleUnloadS: number | null, fields: Partial<SlotNow> = {}, minLoadedS = 0): SlotNow {
  const recipe = sampleRecipe({ demand: { ...usualDemand, minLoadedS, idleUnloadS } })
  return { service, seen: true, repo: recipe.repo, recipe, loadedAt: 0, usedAt: 0, ...fields }
}
