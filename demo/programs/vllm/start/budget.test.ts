import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseArguments } from '../arguments/argv'
import { readLaunch } from '../arguments/launch'
import { BudgetError, checkContext, checkFree, DEVICE_BYTES, GIB, planBudget, wantedBytes } from './budget'
import type { Checkpoint } from './checkpoint'

/** The shape of MiniMax M2.7. */
const model: Checkpoint = {
  architecture: 'MiniMaxM2ForCausalLM',
  shards: [121e9],
  vision: false,
  maxPosition: 196_608,
  vocabulary: 200_064,
  layers: 62,
  kvValuesPerToken: 2 * 62 * 8 * 128,
  mtp: false,
}
const launch = (...words: string[]) => readLaunch(parseArguments(['serve', 'org/name', ...words]), {})

test('planBudget() refuses a context that does not fit, with what would', () => {
  const tight = launch('-tp', '2', '--nnodes', '2', '--gpu-memory-utilization', '0.6')
  expect(() => planBudget(tight, model, 196_608)).toThrow(/max seq len \(196608\), \(23.25 GiB KV cache is needed/)
  const half = launch('-tp', '2', '--nnodes', '2', '--gpu-memory-utilization', '0.6', '--kv-cache-dtype', 'fp8')
  expect(planBudget(half, model, 196_608).maxModelLen).toBe(196_608)
})

test('planBudget() refuses weights that fill the whole budget', () => {
  expect(() => planBudget(launch('--gpu-memory-utilization', '0.9'), model, 1024)).toThrow(
    'No available memory for the cache blocks',
  )
})

test('a context of auto is what memory allows, whatever that is', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.52, max: 1, noNaN: true }), (utilization) => {
      const auto = launch(
        '-tp',
        '2',
        '--nnodes',
        '2',
        '--max-model-len',
        'auto',
        '--gpu-memory-utilization',
        String(utilization),
      )
      const budget = planBudget(auto, model, model.maxPosition)
      expect(budget.maxModelLen).toBe(Math.min(model.maxPosition, budget.kvTokens))
      expect(budget.weights + budget.kvCache).toBeLessThan(budget.total)
    }),
  )
})

test('checkFree() compares what is wanted with what is free', () => {
  expect(() => checkFree(launch('--gpu-memory-utilization', '0.85'), 36.75 * GIB)).toThrow(
    '(36.75/121.69 GiB) on startup is less than desired GPU memory utilization (0.85, 103.44 GiB)',
  )
  expect(checkFree(launch('--gpu-memory-utilization', '0.85'), 104 * GIB)).toBeUndefined()
  expect(wantedBytes(launch('--gpu-memory-utilization-gb', '20'))).toBe(20 * GIB)
  expect(wantedBytes(launch('--gpu-memory-utilization', '1'))).toBe(DEVICE_BYTES)
})

test('a context past the model is refused unless the variable allows it', () => {
  const wide = launch('--max-model-len', '1M')
  expect(() => checkContext(wide, model, false)).toThrow(BudgetError)
  expect(checkContext(wide, model, true)).toBe(1_048_576)
  expect(checkContext(launch(), model, false)).toBe(196_608)
})
