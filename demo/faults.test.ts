import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { FAULTS, readFault } from './faults'

test('readFault() takes every kind of its subject, 60 seconds when none are given', () => {
  for (const kind of FAULTS.hosts) expect(readFault('hosts', { kind })).toEqual({ kind, seconds: 60 })
  expect(readFault('services', { kind: 'busy', seconds: 0.5 })).toEqual({ kind: 'busy', seconds: 0.5 })
})

test('readFault() lists the kinds when the one given is none of them', () => {
  expect(readFault('recipes', { kind: 'crash' })).toEqual({
    problem: 'kind: "crash" is none of them; choose one of fail-at-start, fail-at-load, stall-at-load, wrong-model',
    field: '/kind',
  })
  expect(readFault('hosts', null)).toMatchObject({ field: '/kind' })
})

test('readFault() refuses seconds that are no positive number, whatever they are', () => {
  const wrong = fc.oneof(
    fc.string(),
    fc.double({ max: 0, noNaN: true }),
    fc.constant(null),
    fc.constant(Number.NaN),
    fc.constant(1e9),
  )
  fc.assert(fc.property(wrong, (seconds) => 'problem' in readFault('hosts', { kind: 'reboot', seconds })))
})
