import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { sampleFound } from '../disk/disk.sample'
import { neededBytes, roomProblem } from './room'

const gib = 2 ** 30
const models = [sampleFound('org/small', { bytes: 5 * gib }), sampleFound('org/large', { bytes: 50 * gib })]
const question = { host: 'spark-1', bytes: 20 * gib, availableBytes: 10 * gib, models, kept: new Set<string>() }

test('roomProblem() tells what is needed, what is free and what would free enough', () => {
  expect(roomProblem(question)).toEqual({
    message: 'needs 23.0 GiB on spark-1, 10.0 GiB are free: 13.0 GiB too much',
    remedy: 'delete there: org/large (50.0 GiB)',
  })
})

test('roomProblem() never names what is loaded, nor what is in no cache', () => {
  const kept = new Set(['org/large'])
  expect(roomProblem({ ...question, kept })?.remedy).toBe(
    'delete there: org/small (5.0 GiB); more is needed than all of these',
  )
  const folder = [sampleFound('local/tune', { layout: 'folder' })]
  expect(roomProblem({ ...question, models: folder })?.remedy).toContain('no model there is without use')
})

test('roomProblem() accepts nothing that would leave less than 2 GiB and 5 % of it', () => {
  fc.assert(
    fc.property(fc.nat(1e12), fc.nat(1e12), (bytes, availableBytes) => {
      const fits = roomProblem({ ...question, bytes, availableBytes }) === null
      expect(fits).toBe(availableBytes >= neededBytes(bytes))
      if (fits) expect(availableBytes - bytes).toBeGreaterThanOrEqual(2 * gib)
    }),
  )
  expect(roomProblem({ ...question, availableBytes: null })).toBeNull()
})
