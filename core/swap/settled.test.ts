import { expect, test } from 'bun:test'
import { sampleLedger } from '../models/memory/ledger.sample'
import { settled } from './settled'

const gib = 2 ** 30

test('settled() counts on the memory that a model which just ended still holds, and on nothing else', () => {
  const ledger = sampleLedger('spark-1', [{ service: 'comfy', name: 'ComfyUI', gib: 20, ends: false }], {
    available_bytes: 30 * gib,
    total_bytes: 120 * gib,
  })
  const uses = ledger.uses.map((use) => (use.service === null ? { ...use, bytes: 70 * gib } : use))
  const after = settled({ ...ledger, uses })
  expect(after.available_bytes).toBe((30 + 62) * gib)
  expect(after.uses.find(({ name }) => name === 'ComfyUI')?.bytes).toBe(20 * gib)
})

test('settled() leaves a host as it is where nothing lingers, or nothing is known', () => {
  const calm = sampleLedger()
  expect(settled(calm)).toEqual(calm)
  const unknown = sampleLedger('spark-1', [], { available_bytes: null })
  expect(settled(unknown)).toEqual(unknown)
})
