import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { speedometer } from './speed'

test('speedometer() tells the rate of the last seconds and the time that is left', () => {
  const read = speedometer()
  expect(read(0, 1000, 0)).toEqual({ bytesS: null, etaS: null, stillS: 0 })
  expect(read(200, 1000, 2000)).toEqual({ bytesS: 100, etaS: 8, stillS: 0 })
  expect(read(200, 1000, 12_000).stillS).toBe(10)
  expect(read(200, null, 30_000)).toEqual({ bytesS: 0, etaS: null, stillS: 28 })
})

test('speedometer() begins anew when a file is begun anew', () => {
  const read = speedometer()
  read(0, 1000, 0)
  read(800, 1000, 4000)
  expect(read(100, 1000, 5000)).toEqual({ bytesS: null, etaS: null, stillS: 0 })
  expect(read(300, 1000, 7000).bytesS).toBe(100)
})

test('speedometer() never tells a rate or a time below nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1e6), fc.nat(5000))), (steps) => {
      const read = speedometer()
      let at = 0
      for (const [bytes, ms] of steps) {
        at += ms
        const { bytesS, etaS, stillS } = read(bytes, 500_000, at)
        expect([bytesS ?? 0, etaS ?? 0, stillS].every((each) => each >= 0)).toBe(true)
      }
    }),
  )
})
