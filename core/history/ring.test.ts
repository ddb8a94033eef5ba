import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { averages, ring } from './ring'

test('ring() tells the newest figure of each second, and nothing of seconds it has overwritten', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(100), fc.integer())), (figures) => {
      const kept = ring(10)
      for (const [second, value] of figures) kept.put(second, value)
      for (let second = 0; second <= 100; second++) {
        const turn = figures.filter(([each]) => each % 10 === second % 10).at(-1)
        const expected = turn?.[0] === second ? turn[1] : null
        expect(kept.at(second)).toBe(expected)
      }
    }),
  )
})

test('averages() are null where nothing was seen, and stand still while a piece fills', () => {
  const kept = ring(60)
  for (const [second, value] of [
    [1000, 2],
    [1001, 4],
    [1008, 10],
  ] as const)
    kept.put(second, value)
  expect(averages(kept, 20_000, 4, 1_009_000)).toEqual([null, null, 3, 10])
  expect(averages(kept, 20_000, 4, 1_005_000)).toEqual([null, null, 3, 10])
  expect(averages(kept, 20_000, 4, 1_010_000)).toEqual([null, 3, 10, null])
})
