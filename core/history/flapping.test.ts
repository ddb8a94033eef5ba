import { expect, test } from 'bun:test'
import { flapping } from './flapping'

const minute = 60_000
const outage = (of: ReturnType<typeof flapping>, at: number) => [
  of.changed('host:a', 'up', 'unreachable', at),
  of.changed('host:a', 'unreachable', 'up', at + 1000),
]

test('flapping() tells of more than 4 changes within 10 minutes once, and again only after it calmed down', () => {
  const unsteady = flapping()
  expect(outage(unsteady, 0)).toEqual([false, false])
  expect(outage(unsteady, minute)).toEqual([false, false])
  expect(unsteady.of('host:a', 2 * minute)).toBeNull()
  expect(outage(unsteady, 2 * minute)).toEqual([true, false])
  expect(unsteady.of('host:a', 3 * minute)).toEqual({ changes: 6, since: 0 })
  expect(outage(unsteady, 11 * minute)).toEqual([false, false])
  expect(unsteady.of('host:a', 30 * minute)).toBeNull()
  expect([40, 41, 42].map((at) => outage(unsteady, at * minute)[0])).toEqual([false, false, true])
})

test('flapping() counts neither a model that is swapped nor an engine that is busy nor a controller that looks again', () => {
  const unsteady = flapping()
  const states = ['up', 'busy', 'up', 'starting', 'up', 'stopped', 'starting', 'up', 'unknown', 'up']
  states.forEach((to, index) => {
    unsteady.changed('service:llm', states[index - 1] ?? 'unknown', to, index)
  })
  expect(unsteady.of('service:llm', 10)).toBeNull()
})
