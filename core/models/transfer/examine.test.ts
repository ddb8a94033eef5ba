import { expect, test } from 'bun:test'
import { sampleFound } from '../disk/disk.sample'
import { judged } from './examine'
import { readMeasured } from './measured'

const commit = '0'.repeat(40)
const other = '1'.repeat(40)
const expected = (of = commit) => ({
  commit: of,
  totalBytes: 10,
  files: [{ path: 'model.safetensors', bytes: 10, blob: null }],
})
const files = (text: string) => readMeasured(text)
const good = files('f\t10\tmodel.safetensors\n')
const short = files('f\t9\tmodel.safetensors\n')

test('judged() calls whole what the look calls ready and the hub calls as long', () => {
  const main = { revision: null, expected: expected() }
  expect(judged(sampleFound(), good, main)).toEqual({ whole: true, damaged: [], problems: [] })
  expect(judged(sampleFound(), short, main)).toMatchObject({ whole: false, damaged: ['model.safetensors'] })
  expect(judged(sampleFound(), files(''), main)).toMatchObject({
    whole: false,
    problems: ['model.safetensors: is missing'],
  })
  const growing = sampleFound('org/model', { state: 'downloading' })
  expect(judged(growing, good, main).whole).toBe(false)
})

test('judged() holds an older revision against its own files alone', () => {
  expect(judged(sampleFound(), short, { revision: null, expected: expected(other) }).whole).toBe(true)
  expect(judged(sampleFound(), short, { revision: null, expected: null }).whole).toBe(true)
})

test('judged() looks for the revision that is wanted', () => {
  const found = sampleFound('org/model', { revisions: [commit, other] })
  const wanted = { revision: 'stable', expected: expected(other) }
  expect(judged(found, good, wanted).whole).toBe(true)
  expect(judged(found, short, wanted).whole).toBe(false)
  expect(judged(sampleFound(), good, wanted)).toMatchObject({ whole: false, problems: ['files are missing'] })
})

test('judged() names as damaged only what is there', () => {
  const found = sampleFound('org/model', { state: 'partial', damaged: ['model.safetensors', 'absent.safetensors'] })
  expect(judged(found, good, { revision: null, expected: null }).damaged).toEqual(['model.safetensors'])
})
