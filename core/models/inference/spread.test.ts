import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { spread } from './spread'

const GB = 1e9
const minimax = { heads: 48, kvHeads: 8, layers: 62 }
const room = { totalBytes: null, hosts: 8, soloOnly: false }

/** Sizes as published, and on how many Sparks people run them. */
const sizes: [string, number, number][] = [
  ['Qwen3.6 35B NVFP4', 24 * GB, 1],
  ['Qwen3 Coder Next FP8', 80.4 * GB, 1],
  ['Qwen3.5 122B NVFP4', 83.5 * GB, 1],
  ['MiniMax M2.7 AWQ', 121 * GB, 2],
  ['DeepSeek V4 Flash', 158.9 * GB, 2],
  ['Qwen3.5 397B INT4', 210 * GB, 3],
  ['MiniMax M2.5 FP8', 230 * GB, 3],
  ['Qwen3.5 397B FP8', 400 * GB, 4],
  ['GLM 5.2 NVFP4', 450 * GB, 8],
]

test.each(sizes)('spread() gives %s of %d bytes as many Sparks as it needs', (_, weightBytes, nodes) => {
  const { tensor, pipeline, ...found } = spread(minimax, { ...room, weightBytes })
  expect(found).toMatchObject({ nodes, problem: null })
  expect([tensor, pipeline]).toEqual(nodes === 3 ? [1, 3] : [nodes, 1])
})

test('spread() tells of Sparks that are not there, and of what nothing holds', () => {
  const of = (weightBytes: number, hosts: number, more = {}) =>
    spread(minimax, { ...room, weightBytes, hosts, ...more }).problem
  expect(of(121 * GB, 1)).toBe('needs 2 Sparks, the service has 1')
  expect(of(121 * GB, 2)).toBeNull()
  expect(of(2000 * GB, 8)).toBe('1863 GiB of weights are more than 8 Sparks can hold; take a smaller quantisation')
  expect(of(121 * GB, 2, { soloOnly: true })).toBe(
    '113 GiB of weights are more than one Spark can hold; take a smaller quantisation',
  )
  expect(of(0, 2)).toBe('the size of its weights is not known; look again once it is whole on a disk')
})

test('spread() takes a host with less memory for what it is', () => {
  const half = { ...room, totalBytes: 64 * 2 ** 30 }
  expect(spread(minimax, { ...half, weightBytes: 24 * GB }).nodes).toBe(1)
  expect(spread(minimax, { ...half, weightBytes: 80 * GB }).nodes).toBe(2)
})

test('spread() parts layers where heads do not divide', () => {
  const odd = spread({ heads: 25, kvHeads: 5, layers: 40 }, { ...room, weightBytes: 150 * GB })
  expect(odd).toMatchObject({ nodes: 2, tensor: 1, pipeline: 2 })
  expect(odd.reason).toBe('its attention heads do not divide by 2, so its layers are parted')
  // Two key-value heads are copied to four ranks.
  expect(spread({ heads: 32, kvHeads: 2, layers: 60 }, { ...room, weightBytes: 380 * GB }).tensor).toBe(4)
})

test('spread() never calls something well that leaves more weights on a host than it has room for', () => {
  const shape = fc.record({
    heads: fc.option(fc.integer({ min: 1, max: 256 })),
    kvHeads: fc.option(fc.integer({ min: 1, max: 64 })),
    layers: fc.option(fc.integer({ min: 1, max: 200 })),
  })
  const given = fc.record({
    weightBytes: fc.double({ min: 0, max: 3e12 }),
    totalBytes: fc.option(fc.double({ min: 1e9, max: 1e12, noNaN: true })),
    hosts: fc.integer({ min: 0, max: 16 }),
    soloOnly: fc.boolean(),
  })
  fc.assert(
    fc.property(shape, given, (shape, given) => {
      const found = spread(shape, given)
      expect(found.tensor * found.pipeline).toBe(found.nodes)
      if (found.problem !== null) return
      expect(found.nodes).toBeLessThanOrEqual(given.hosts)
      expect(given.weightBytes / found.nodes).toBeLessThan((given.totalBytes ?? 131e9) * 0.85)
    }),
  )
})
