import { expect, test } from 'bun:test'
import { mishaps, type Tortured, torture } from './torture'

const minutes = 60_000

for (const [name, trouble] of [
  ['a swap', null],
  ['a swap with a way back in it', 'fails-in-load'],
] as const) {
  test(
    `torture() of ${name} ends in the new model, the old one, or none and says so, whichever effect goes wrong`,
    async () => {
      const { effects, fault } = await torture({ trouble, wrong: null })
      expect(fault).toBeNull()
      expect(effects.length).toBeGreaterThan(100)
      const faults: string[] = []
      let served = 0
      for (const mishap of mishaps) {
        for (const [at, effect] of effects.entries()) {
          const end = await torture({ trouble, wrong: { at, mishap } })
          if (end.fault) faults.push(`${mishap} ${at} ${effect}: ${end.fault}`)
          if (end.serves) served++
        }
      }
      expect(faults).toEqual([])
      expect(served / (effects.length * mishaps.length)).toBeGreaterThan(0.95)
    },
    10 * minutes,
  )
}

test('torture() notices a Spark that begins a launch anew when its start is given again', async () => {
  const calm = await torture({ trouble: null, wrong: null })
  const start = calm.effects.findIndex((effect) => effect.includes('fence start'))
  const end = await again(start)
  expect(end.fault).toBe('swap-a2 on spark-1 was launched twice')
})

function again(at: number): Promise<Tortured> {
  const plant = (faults: { forgetsLaunches: boolean }) => {
    faults.forgetsLaunches = true
  }
  return torture({ trouble: null, wrong: { at, mishap: 'reply-lost' }, plant })
}
