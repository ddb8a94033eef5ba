import { expect, test } from 'bun:test'
import { readAnswer } from './ask-hub'

test('readAnswer() reads the last of several heads, with what the hub calls the trouble', () => {
  const text =
    'HTTP/1.1 307 Temporary Redirect\r\nlocation: /x\r\n\r\nHTTP/2 429\r\nRetry-After: 17\r\nX-Error-Code: GatedRepo\r\n\r\n{"error":"no"}'
  expect(readAnswer(text)).toEqual({ status: 429, code: 'GatedRepo', retryAfterS: 17, body: { error: 'no' } })
})

test('readAnswer() makes nothing of what is no answer', () => {
  const nothing = { status: 0, code: null, retryAfterS: null, body: null }
  for (const text of ['', 'garbage', '<html>']) expect(readAnswer(text)).toEqual(nothing)
  expect(readAnswer('HTTP/1.1 200 OK\r\nretry-after: Wed, 21 Oct 2026\r\n\r\n<html>')).toEqual({
    ...nothing,
    status: 200,
  })
})
