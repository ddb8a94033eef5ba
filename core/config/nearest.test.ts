import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { editDistance, nearest, suggestion } from './nearest'

test.each([
  ['prot', ['host', 'port', 'user'], 'port'],
  ['vlm', ['vllm', 'http'], 'vllm'],
  ['transcribe', ['vllm', 'transcriber'], 'transcriber'],
  ['Spark-1', ['spark-1', 'spark-2'], 'spark-1'],
  ['contaner', ['container', 'host'], 'container'],
])('nearest(%s) is what was meant', (written, known, meant) => {
  expect(nearest(written, known)).toBe(meant)
})

test('nearest() is silent where nothing is close', () => {
  expect(nearest('elephant', ['host', 'port'])).toBeNull()
  expect(nearest('x', ['host', 'port'])).toBeNull()
})

test('suggestion() names the nearest, else everything, else that there is nothing', () => {
  expect(suggestion('prot', ['host', 'port'], 'known keys')).toBe('did you mean "port"?')
  expect(suggestion('elephant', ['host', 'port'], 'known keys')).toBe('known keys: host, port')
  expect(suggestion('x', [], 'known keys')).toBe('there are no known keys')
})

test('editDistance() is a distance', () => {
  const word = fc.string({ maxLength: 12 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b)
      expect(distance === 0).toBe(a === b)
      expect(distance).toBe(editDistance(b, a))
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      expect(editDistance(a, b, 3)).toBe(Math.min(distance, 3))
    }),
  )
  expect(editDistance('port', 'prot')).toBe(1)
})
