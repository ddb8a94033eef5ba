import { expect, test } from 'bun:test'
import { simulate } from './simulate'
import type { SparkFaults } from './spark'

const seeds = 2000
const minutes = 60_000

test(
  `simulate() breaks no rule in ${seeds} seeds`,
  async () => {
    const broken: string[] = []
    const ends = new Set<string>()
    const faults = new Set<string>()
    for (let seed = 1; seed <= seeds; seed++) {
      const outcome = await simulate(seed)
      if (outcome.broken) broken.push(`seed ${seed}: ${outcome.broken.message}`)
      for (const state of outcome.ends.keys()) ends.add(state)
      for (const kind of outcome.faults.keys()) faults.add(kind)
    }
    expect(broken).toEqual([])
    // Worlds in which nothing happens would break nothing.
    expect([...ends].sort()).toEqual(['cancelled', 'done', 'failed', 'needs_attention', 'rolled_back'])
    expect(faults.size).toBe(12)
  },
  10 * minutes,
)

test('simulate() runs a seed the same way again, and another seed another way', async () => {
  const busy = await firstWithKills()
  const first = await simulate(busy)
  const again = await simulate(busy)
  expect(again.digest).toBe(first.digest)
  expect(again.virtualS).toBe(first.virtualS)
  expect((await simulate(busy + 1)).digest).not.toBe(first.digest)
})

// A checker that cannot fail is worth nothing.
const planted: [keyof SparkFaults, RegExp][] = [
  ['noFence', /with fence \d+, where \d+ stands/],
  ['liesOfStop', /two engines in one slot|is still there|is not served/],
]
for (const [fault, words] of planted) {
  test(
    `simulate() notices Sparks with the planted fault ${fault}`,
    async () => {
      expect(await firstBroken(fault)).toMatch(words)
    },
    2 * minutes,
  )
}

async function firstBroken(fault: keyof SparkFaults): Promise<string | null> {
  for (let seed = 1; seed <= 300; seed++) {
    const { broken } = await simulate(seed, {
      plant: (faults) => {
        faults[fault] = true
      },
    })
    if (broken) return broken.message
  }
  return null
}

async function firstWithKills(): Promise<number> {
  for (let seed = 1; ; seed++) if ((await simulate(seed)).kills > 5) return seed
}
