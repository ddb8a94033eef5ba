import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { spans } from './spans'

test('spans() tells what nobody watched as unknown, before, between and after', () => {
  const stored = [
    { state: 'up', from: 20, to: 40, cause: null },
    { state: 'down', from: 60, to: null, cause: 'gone' },
  ]
  expect(spans(stored, [], 0, 100)).toEqual([
    { state: 'unknown', from: 0, to: 20, cause: null },
    { state: 'up', from: 20, to: 40, cause: null },
    { state: 'unknown', from: 40, to: 60, cause: null },
    { state: 'down', from: 60, to: 100, cause: 'gone' },
  ])
  const change = { subject: 'host:a', host: 'a', service: null, from: 'down', to: 'up', cause: null, remedy: null }
  expect(spans(stored, [{ ...change, at: 80 }], 50, 100).map(({ state, to }) => [state, to])).toEqual([
    ['unknown', 60],
    ['down', 80],
    ['up', 100],
  ])
})

test('spans() cover the whole time without gap or overlap, whatever the clock did to what is stored', () => {
  const time = fc.integer({ min: 0, max: 100 })
  const stored = fc.record({ state: fc.constantFrom('up', 'down'), from: time, length: fc.nat(50), open: fc.boolean() })
  fc.assert(
    fc.property(fc.array(stored), time, time, (all, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      const found = spans(
        all.map(({ state, from, length, open }) => ({ state, from, to: open ? null : from + length, cause: null })),
        [],
        from,
        to,
      )
      let at = from
      for (const span of found) {
        expect(span.from).toBe(at)
        expect(span.to).toBeGreaterThan(span.from)
        at = span.to
      }
      expect(at).toBe(to)
    }),
  )
})
