import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { afterAttempt } from './after-attempt'

const asked = { repo: 'org/model', hub: 'https://huggingface.co', secret: null, host: 'spark-1' }
const none = { vanished: 0, later: 0, refetched: 0 }
const bad = { whole: false, damaged: [], problems: ['model.safetensors: is missing'] }
const whole = { whole: true, damaged: [], problems: [] }
const after = (exit: number | null, said: string, found = bad as typeof whole, tries = none, full = false) =>
  afterAttempt({ exit, said, full }, found, tries, asked)

test('afterAttempt() believes the files, never the exit code', () => {
  expect(after(1, 'Traceback', whole)).toEqual({ next: 'done' })
  expect(after(0, '/path/to/snapshot')).toMatchObject({ next: 'fail', reason: { code: 'incomplete' } })
  fc.assert(
    fc.property(fc.option(fc.nat(255)), fc.string(), (exit, said) => {
      expect(after(exit, said).next).not.toBe('done')
      expect(after(exit, said, whole).next).toBe('done')
    }),
  )
})

test('afterAttempt() fetches what came short again, once', () => {
  const found = { ...bad, damaged: ['model-00002-of-00005.safetensors'] } as unknown as typeof whole
  expect(after(0, '', found)).toEqual({ next: 'refetch', files: ['model-00002-of-00005.safetensors'] })
  expect(after(0, '', found, { ...none, refetched: 1 })).toMatchObject({
    next: 'fail',
    reason: { code: 'damaged', message: expect.stringContaining('model-00002-of-00005.safetensors') },
  })
})

test('afterAttempt() waits where the disk is full or the hub asks to, and gives up after ten tries', () => {
  expect(after(1, 'OSError: [Errno 28] No space left on device')).toEqual({ next: 'room' })
  expect(after(1, '429 Too Many Requests. Retry after 3 seconds')).toEqual({
    next: 'wait',
    why: 'the hub limits the rate (429); try 1 of 10',
    seconds: 3,
  })
  expect(after(1, '503 Server Error', undefined, { ...none, later: 10 })).toMatchObject({
    next: 'fail',
    reason: { code: 'hub_unavailable' },
  })
})

test('afterAttempt() tells what helps where trying again does not', () => {
  expect(after(91, '')).toMatchObject({
    reason: { code: 'tool_missing', remedy: expect.stringContaining('install uv') },
  })
  expect(after(1, 'GatedRepoError: 401 Client Error')).toMatchObject({
    reason: { code: 'repo_gated', remedy: expect.stringContaining('https://huggingface.co/org/model') },
  })
  expect(after(1, 'error: hf_AbCdEf0123456789AbCd is bad')).toMatchObject({
    reason: { code: 'download_failed', message: expect.stringContaining('hf_… is bad') },
  })
  expect([after(null, ''), after(null, '', undefined, { ...none, vanished: 5 })]).toMatchObject([
    { next: 'again' },
    { reason: { code: 'download_vanished' } },
  ])
})

test('afterAttempt() waits for room where a full disk let the tool say nothing, however it ended', () => {
  const tired = { ...none, vanished: 5 }
  expect([after(null, '', bad as never, tired, true), after(1, '', undefined, tired, true)]).toEqual([
    { next: 'room' },
    { next: 'room' },
  ])
  expect(after(1, '404 Client Error. Repository Not Found', undefined, none, true)).toMatchObject({
    reason: { code: 'repo_not_found' },
  })
})
