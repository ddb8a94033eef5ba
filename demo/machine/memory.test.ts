import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { emptyMemory, type Memory, meminfo, outOfMemoryVictim, stepMemory, TOTAL_BYTES } from './memory'

const GIB = 2 ** 30
const calm = { held: false, eating: false, speed: 1 }
const field = (memory: Memory, name: string, now: number, speed = 1) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo(memory, speed, now))?.[1]) * 1024
const claim = (pid: number, gib: number, since = 0) => ({ pid, name: 'VLLM::EngineCore', bytes: gib * GIB, since })

describe('stepMemory()', () => {
  test('lets the memory of a dead process come back in a straight line over three seconds', () => {
    const loaded = stepMemory(emptyMemory(), [claim(1, 60)], { ...calm, now: 0 })
    const dead = stepMemory(loaded, [], { ...calm, now: 1000 })
    const available = (now: number) => field(stepMemory(dead, [], { ...calm, now }), 'MemAvailable', now) / GIB
    expect(available(1000)).toBeLessThan(60)
    expect(available(2500) - available(1000)).toBeCloseTo(30, 0)
    expect(available(4001)).toBeGreaterThan(110)
  })

  test('gives memory back faster at a higher speed, never faster than in 0.3 s', () => {
    const loaded = stepMemory(emptyMemory(), [claim(1, 60)], { ...calm, now: 0 })
    const dead = stepMemory(loaded, [], { ...calm, speed: 1000, now: 0 })
    expect(field(stepMemory(dead, [], { ...calm, speed: 1000, now: 290 }), 'MemAvailable', 290, 1000)).toBeLessThan(
      114 * GIB,
    )
    expect(field(stepMemory(dead, [], { ...calm, speed: 1000, now: 301 }), 'MemAvailable', 301, 1000)).toBeGreaterThan(
      113 * GIB,
    )
  })

  test('keeps it while it is held, and then lets it go', () => {
    const loaded = stepMemory(emptyMemory(), [claim(1, 60)], { ...calm, now: 0 })
    const held = [0, 5000, 60_000].reduce((memory, now) => stepMemory(memory, [], { ...calm, held: true, now }), loaded)
    expect(field(held, 'MemAvailable', 60_000)).toBeLessThan(60 * GIB)
    const back = stepMemory(stepMemory(held, [], { ...calm, now: 60_001 }), [], { ...calm, now: 63_100 })
    expect(field(back, 'MemAvailable', 63_100)).toBeGreaterThan(110 * GIB)
  })

  test('grows the page cache as weights are read, so that MemFree falls far below MemAvailable', () => {
    const loaded = [10, 20, 30].reduce(
      (memory, gib, at) => stepMemory(memory, [claim(1, gib)], { ...calm, now: at }),
      emptyMemory(),
    )
    expect(field(loaded, 'Cached', 3)).toBeGreaterThan(30 * GIB)
    expect(field(loaded, 'MemAvailable', 3) - field(loaded, 'MemFree', 3)).toBeGreaterThan(25 * GIB)
  })

  test('leaves 300 MB when something eats it all', () => {
    const eaten = stepMemory(emptyMemory(), [claim(1, 20)], { ...calm, eating: true, now: 0 })
    expect(field(eaten, 'MemAvailable', 0) / 2 ** 20).toBeCloseTo(300, -1)
  })

  test('whatever happens, /proc/meminfo adds up', () => {
    const steps = fc.array(
      fc.record({
        gib: fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 4 }),
        held: fc.boolean(),
        eating: fc.boolean(),
        wait: fc.integer({ min: 0, max: 4000 }),
      }),
    )
    fc.assert(
      fc.property(steps, (all) => {
        let memory = emptyMemory()
        let now = 0
        for (const { gib, held, eating, wait } of all) {
          now += wait
          const claims = gib.map((each, pid) => claim(pid, each, pid))
          memory = stepMemory(memory, claims, { held, eating, speed: 1, now })
          const [total, available, free, cached] = ['MemTotal', 'MemAvailable', 'MemFree', 'Cached'].map((name) =>
            field(memory, name, now),
          ) as [number, number, number, number]
          expect(total).toBe(TOTAL_BYTES)
          expect(available).toBeGreaterThan(0)
          expect(free).toBeGreaterThan(0)
          expect(cached).toBeGreaterThanOrEqual(0)
          expect(Math.max(available, free)).toBeLessThanOrEqual(total)
        }
      }),
    )
  })
})

describe('outOfMemoryVictim()', () => {
  test('is the newest claimant, and only when the sum is past the total', () => {
    const fits = stepMemory(emptyMemory(), [claim(1, 60, 1), claim(2, 50, 2)], { ...calm, now: 3 })
    expect(outOfMemoryVictim(fits, 1, 3)).toBeNull()
    const over = stepMemory(fits, [claim(2, 50, 2), claim(3, 20, 9), claim(1, 60, 1)], { ...calm, now: 10 })
    expect(outOfMemoryVictim(over, 1, 10)?.pid).toBe(3)
  })
})
