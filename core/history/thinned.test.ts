import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { StateChange } from './event'
import { thinned } from './thinned'

const change = (to: string, at: number): StateChange => ({
  subject: 'host:a',
  host: 'a',
  service: null,
  from: '',
  to,
  at,
  cause: null,
  remedy: null,
})

const told = fc.array(fc.record({ at: fc.nat(20_000), to: fc.constantFrom('up', 'down', 'refused') }))

test('thinned() passes all of a steady subject on, and of an unsteady one the newest of each second', () => {
  fc.assert(
    fc.property(told, fc.boolean(), (found, calm) => {
      const changes = found.toSorted((a, b) => a.at - b.at).map(({ at, to }) => change(to, at))
      const written: StateChange[] = []
      const { put, flush } = thinned({ write: (each) => written.push(each), unsteady: () => !calm })
      for (const each of changes) put(each)
      flush()
      if (calm) return expect(written).toEqual(changes)
      const [first, last] = [changes[0], changes.at(-1)]
      expect(written.at(-1)?.to).toBe(last?.to)
      expect(written.length).toBeLessThanOrEqual(((last?.at ?? 0) - (first?.at ?? 0)) / 1000 + 2)
      const times = written.map(({ at }) => at)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }),
    { numRuns: 500 },
  )
})

test('thinned() writes what waits once its second is over, also when nothing more comes', async () => {
  const written: string[] = []
  const { put, waiting } = thinned({ write: ({ to }) => written.push(to), unsteady: () => true, everyMs: 20 })
  put(change('up', 0))
  put(change('down', 1))
  expect([written, waiting().map(({ to }) => to)]).toEqual([['up'], ['down']])
  while (written.length < 2) await Bun.sleep(5)
  expect([written, waiting()]).toEqual([['up', 'down'], []])
})

test('thinned() forgets a change that led back', () => {
  const written: string[] = []
  const { put, flush } = thinned({ write: ({ to }) => written.push(to), unsteady: () => true })
  for (const [n, to] of ['up', 'down', 'up', 'down', 'up'].entries()) put(change(to, n))
  flush()
  expect(written).toEqual(['up'])
})
