import { expect, test } from 'bun:test'
import { asker, patientAsker } from './probe'

/** A server that answers `/slow` only when it is let. */
function slowServer() {
  const let_ = Promise.withResolvers<void>()
  let asked = 0
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    async fetch(request) {
      asked++
      if (new URL(request.url).pathname === '/slow') await let_.promise
      return new Response('late but true')
    },
  })
  return { server, answer: let_.resolve, asked: () => asked }
}

test('patientAsker() leaves a late question in the air, asks it once, and brings its answer to the next look', async () => {
  const { server, answer, asked } = slowServer()
  const ask = patientAsker(asker('127.0.0.1', server.port ?? 0, 1000), { waitMs: 30, patienceMs: 10_000 })
  await expect(ask('/slow')).rejects.toThrow('no answer yet')
  await expect(ask('/slow')).rejects.toThrow('no answer yet')
  expect((await ask('/quick')).status).toBe(200)
  expect(asked()).toBe(2)
  answer()
  await Bun.sleep(50)
  const late = await ask('/slow')
  expect(late.text).toBe('late but true')
  expect(late.tookMs).toBeGreaterThan(60)
  await ask('/slow')
  expect(asked()).toBe(3)
  await server.stop(true)
})

test('patientAsker() asks anew after a question failed', async () => {
  const { server, asked } = slowServer()
  const abort = new AbortController()
  const ask = patientAsker(asker('127.0.0.1', server.port ?? 0, 1000, abort.signal), { waitMs: 30 })
  await expect(ask('/slow')).rejects.toThrow('no answer yet')
  abort.abort()
  await Bun.sleep(20)
  await expect(ask('/slow')).rejects.toThrow()
  await expect(ask('/quick')).rejects.toThrow()
  expect(asked()).toBe(1)
  await server.stop(true)
})
