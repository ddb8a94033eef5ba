import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { answerReader } from './answer'

const read = (text: string) => {
  const reader = answerReader()
  const whole = reader.take(Buffer.from(text))
  return { whole, answer: reader.answer() }
}

test('answerReader() reads the head, and the body by its length', () => {
  const head = 'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\ncontent-length: 4\r\n\r\n'
  expect(read(`${head}wai`).whole).toBe(false)
  expect(read(`${head}wait`)).toEqual({ whole: true, answer: { status: 429, retryAfter: '30', text: 'wait' } })
})

test('answerReader() reads the beginning of a body in chunks', () => {
  const text = 'HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwrong\r\n'
  expect(read(text).whole).toBe(false)
  expect(read(`${text}0\r\n\r\n`).whole).toBe(true)
  expect(read(text).answer?.text).toStartWith('wrong')
})

test('answerReader() waits on after 1xx, and not for a body after 204', () => {
  expect(read('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204\r\n\r\n')).toMatchObject({
    whole: true,
    answer: { status: 204 },
  })
  expect(read('HTTP/1.1 100 Continue\r\n\r\n')).toEqual({ whole: false, answer: null })
})

test('answerReader() takes 4 kB of a body that never ends', () => {
  const { whole, answer } = read(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(9000)}`)
  expect([whole, answer?.text.length]).toEqual([true, 4096])
})

test.each(['SSH-2.0-OpenSSH_9.6\r\n', 'HTTP/2 200\r\n\r\n', 'HTTP/1.1 99\r\n\r\n', '\0', 'HTTP/1.1 2x0 OK\r\n\r\n'])(
  'answerReader() refuses %j',
  (text) => {
    expect(() => read(text)).toThrow('it does not speak HTTP')
  },
)

test('answerReader() refuses a head without end', () => {
  expect(() => read(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`)).toThrow('it does not speak HTTP')
})

test('answerReader() reads the same however the bytes are cut', () => {
  const text = Buffer.from('HTTP/1.1 100 a\r\n\r\nHTTP/1.1 503 b\r\nretry-after: 9\r\nContent-Length: 5\r\n\r\nlater')
  const cuts = fc.array(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 8 })
  fc.assert(
    fc.property(cuts, (at) => {
      const reader = answerReader()
      const places = [0, ...new Set(at.toSorted((a, b) => a - b)), text.length]
      const ends = places.slice(1).map((end, index) => reader.take(text.subarray(places[index], end)))
      expect(ends.indexOf(true)).toBe(ends.length - 1)
      expect(reader.answer()).toEqual({ status: 503, retryAfter: '9', text: 'later' })
    }),
  )
})
