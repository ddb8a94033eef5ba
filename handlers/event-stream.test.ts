import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { eventStream, frame } from './event-stream'

test('frame() lets no text forge an event', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const lines = frame({ data: `${text}\r\nevent: forged\rid: 1\n\ndata: x`, event: 'log' }).split('\n')
      expect(lines[0]).toBe('event: log')
      expect(lines.slice(1, -2).every((line) => line.startsWith('data: ') && !line.includes('\r'))).toBe(true)
    }),
  )
})

test('eventStream() runs its end once when the reader leaves', async () => {
  let ends = 0
  const leave = new AbortController()
  const answer = eventStream(new Request('http://localhost/', { signal: leave.signal }), (send) => {
    send({ data: { hello: 1 } })
    return () => ends++
  })
  const reader = answer.body?.getReader()
  let text = ''
  while (!text.includes('hello')) text += new TextDecoder().decode((await reader?.read())?.value)
  leave.abort()
  await reader?.cancel()
  expect(ends).toBe(1)
})

test('eventStream() drops a reader that takes nothing', () => {
  let ended = false
  eventStream(new Request('http://localhost/'), (send) => {
    queueMicrotask(() => {
      for (let n = 0; n < 40; n++) send({ data: 'x'.repeat(65_536) })
    })
    return () => {
      ended = true
    }
  })
  return Bun.sleep(10).then(() => expect(ended).toBe(true))
})
