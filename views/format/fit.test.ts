import { expect, test } from 'bun:test'
import { sampleFit } from '../models.sample'
import { fitText } from './fit'

const GiB = 2 ** 30
const host = { needs_bytes: 48 * GiB, room_bytes: 110 * GiB, short_bytes: 0 }
const parts = { weights_bytes: null, kv_bytes: null, overhead_bytes: null }
const totals = { 'spark-1': 121.7 * GiB, 'spark-2': null }
const short = { hosts: { 'spark-1': { ...host, ...parts, short_bytes: 11 * GiB } }, fits: false } as const

test.each([
  ['needs 48.0 of 121.7 GiB, measured', sampleFit()],
  ['needs 48.0 of 121.7 GiB, estimated', sampleFit({ basis: 'estimated' })],
  [
    'needs 48.0 of 121.7 GiB on each host, measured',
    sampleFit({ hosts: { 'spark-1': { ...host, ...parts }, 'spark-2': { ...host, ...parts } } }),
  ],
  ['needs 48.0 GiB, measured', sampleFit({ hosts: { 'spark-2': { ...host, ...parts } } })],
  ['fits, as far as is known', sampleFit({ hosts: { 'spark-1': { ...host, ...parts, needs_bytes: null } } })],
  [
    '11.0 GiB too much, estimated: stop ComfyUI (9 GiB) or lower max_model_len to 131072',
    sampleFit({
      ...short,
      basis: 'estimated',
      remedies: ['stop ComfyUI (9 GiB)', 'lower max_model_len to 131072', 'add a Spark'],
    }),
  ],
  ['11.0 GiB too much, measured: choose a smaller model', sampleFit(short)],
  ['whether it fits is not known: spark-1 was never seen', sampleFit({ fits: null, reason: 'spark-1 was never seen' })],
])('fitText() says %p', (text, fit) => {
  expect(fitText(fit, totals)).toBe(text)
})
