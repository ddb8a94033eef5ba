import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { politeBackoff } from './backoff'

test('politeBackoff() makes at most nine tries in the first minute, however the dice fall', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }), (dice) => {
      let at = 0
      let tries = 1
      for (const [attempt, roll] of dice.entries()) {
        at += politeBackoff(attempt, () => roll)
        if (at < 60_000) tries++
      }
      expect(tries).toBeLessThanOrEqual(9)
    }),
  )
})
