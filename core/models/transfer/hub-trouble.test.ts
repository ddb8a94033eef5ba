import { describe, expect, test } from 'bun:test'
import { troubleOfStatus, troubleOfText, waitS } from './hub-trouble'

describe('troubleOfStatus()', () => {
  const cases: [number, string | null, unknown][] = [
    [200, null, null],
    [404, null, { kind: 'missing' }],
    [401, 'RepoNotFound', { kind: 'missing' }],
    [401, null, { kind: 'login' }],
    [401, 'GatedRepo', { kind: 'gated', token: false }],
    [403, 'GatedRepo', { kind: 'gated', token: true }],
    [429, null, { kind: 'later', why: 'the hub limits the rate (429)', afterS: 7 }],
    [503, null, { kind: 'later', why: 'the hub has trouble (503)', afterS: 7 }],
  ]
  for (const [status, code, trouble] of cases)
    test(`${status} ${code ?? ''}`, () => expect(troubleOfStatus(status, code, 7)).toEqual(trouble as never))
})

describe('troubleOfText()', () => {
  const cases: [string, unknown][] = [
    [
      '401 Client Error. (Request ID: x)\n\nRepository Not Found for url: https://huggingface.co/api/models/a/b',
      { kind: 'missing' },
    ],
    [
      'huggingface_hub.errors.GatedRepoError: 401 Client Error.\n\nCannot access gated repo for url x',
      { kind: 'gated', token: false },
    ],
    [
      '403 Client Error. (Request ID: x)\n\nAccess to model a/b is restricted and you are not in the authorized list.',
      { kind: 'gated', token: true },
    ],
    [
      "429 Too Many Requests: you have reached your 'api' rate limit. Retry after 42 seconds",
      { kind: 'later', why: 'the hub limits the rate (429)', afterS: 42 },
    ],
    [
      'HfHubHTTPError: 503 Server Error: Service Unavailable for url: x',
      { kind: 'later', why: 'the hub has trouble (503)', afterS: null },
    ],
    ['HfHubHTTPError: 401 Client Error: Unauthorized for url: x', { kind: 'login' }],
    [
      'requests.exceptions.ConnectionError: Max retries exceeded',
      { kind: 'later', why: 'the hub can not be reached from there', afterS: null },
    ],
    ['OSError: [Errno 28] No space left on device', null],
    ['Fetching 17 files: 100%', null],
  ]
  for (const [said, trouble] of cases)
    test(said.slice(0, 50), () => expect(troubleOfText(said)).toEqual(trouble as never))
})

test('waitS() does what the hub asks, else waits longer each time, never over five minutes', () => {
  expect([waitS(1, 42), waitS(1, null), waitS(2, null), waitS(9, null), waitS(1, 0), waitS(1, 9999)]).toEqual([
    42, 5, 10, 300, 1, 300,
  ])
})
