import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { sampleHost, sampleService } from '../config/declared.sample'
import { fit } from '../models/memory/fit'
import { sampleLedger } from '../models/memory/ledger.sample'
import { sampleRecipe } from '../models/recipe.sample'
import { type Candidate, roomPlan } from './make-room'
import type { Slot } from './steps/step'

const host = sampleHost('spark-1')
const service = sampleService('llm', { hosts: [host] })

/** How a recipe of so many GiB fits beside models of these sizes, by service id. */
function fits(wanted: number, running: Record<string, number>) {
  const recipe = sampleRecipe({ command: `vllm serve org/model --gpu-memory-utilization ${wanted / 121.69}` })
  return (ended: Slot[]) =>
    fit({
      recipe,
      service,
      found: {},
      ledgers: [
        sampleLedger(
          'spark-1',
          Object.entries(running).map(([id, gib]) => ({
            service: id,
            name: id,
            gib,
            ends: ended.some((slot) => slot.service.id === id),
          })),
        ),
      ],
    })
}

const candidate = (id: string, usedAt: number, allowed = true): Candidate => ({
  slot: { service: sampleService(id), recipe: null },
  usedAt,
  allowed,
})
const ids = (slots: Slot[] | null) => slots?.map((slot) => slot.service.id) ?? null

test('roomPlan() ends nothing where there is room, and says null where no end helps', () => {
  const running = { a: 30, b: 30 }
  const both = [candidate('a', 1), candidate('b', 2)]
  expect(ids(roomPlan(fits(40, running), both))).toEqual([])
  expect(ids(roomPlan(fits(119, running), both))).toBeNull()
  expect(ids(roomPlan(fits(60, running), []))).toBeNull()
})

test('roomPlan() ends the least recently used first, and passes over what nobody may end', () => {
  const running = { a: 30, b: 30, c: 30 }
  const all = [candidate('a', 3), candidate('b', 1), candidate('c', 2)]
  expect(ids(roomPlan(fits(50, running), all))).toEqual(['b'])
  expect(ids(roomPlan(fits(80, running), all))).toEqual(['b', 'c'])
  expect(ids(roomPlan(fits(50, running), [candidate('a', 3), candidate('b', 1, false), candidate('c', 2)]))).toEqual([
    'c',
  ])
})

test('roomPlan() spares a small model whose end would not be enough, nor needed beside a large one’s', () => {
  const running = { small: 10, large: 60 }
  expect(ids(roomPlan(fits(80, running), [candidate('small', 1), candidate('large', 2)]))).toEqual(['large'])
})

test('roomPlan() ends nothing for a launch of which nobody knows whether it fits', () => {
  const untold = (ended: Slot[]) => ({ ...fits(40, { a: 30 })(ended), fits: null })
  expect(ids(roomPlan(untold, [candidate('a', 1)]))).toEqual([])
})

test('roomPlan() never ends more than needed, nor what is not allowed, nor a recently used model for one that would do', () => {
  const model = fc.record({ gib: fc.integer({ min: 1, max: 40 }), usedAt: fc.nat(5), allowed: fc.boolean() })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 117 }), fc.array(model, { maxLength: 6 }), (wanted, models) => {
      const sizes = Object.fromEntries(models.map(({ gib }, index) => [`m${index}`, gib]))
      const fitsWithout = fits(wanted, sizes)
      const candidates = models.map(({ usedAt, allowed }, index) => candidate(`m${index}`, usedAt, allowed))
      const plan = roomPlan(fitsWithout, candidates)
      const allowed = candidates.filter((each) => each.allowed).map(({ slot }) => slot)
      if (plan === null) return expect(fitsWithout(allowed).fits).toBe(false)
      expect(fitsWithout(plan).fits).not.toBe(false)
      expect(plan.every((slot) => allowed.includes(slot))).toBe(true)
      for (const slot of plan) expect(fitsWithout(plan.filter((each) => each !== slot)).fits).toBe(false)
      // What was used after all of those that end, while the older ones alone would do, is never among them.
      const usedAt = (slot: Slot) => candidates.find((each) => each.slot === slot)?.usedAt ?? 0
      const newest = Math.max(...plan.map(usedAt))
      const older = allowed.filter((slot) => usedAt(slot) < newest)
      if (plan.length > 0) expect(fitsWithout(older).fits).toBe(false)
    }),
  )
})
