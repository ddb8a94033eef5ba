import { expect, test } from 'bun:test'
import { createServer, type Socket } from 'node:net'
import { knock } from './knock'

test('knock() goes on until the port opens, and hands over one connection alone', async () => {
  const holder = createServer()
  await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done))
  const { port } = holder.address() as { port: number }
  await new Promise((done) => holder.close(done))
  const failures: string[] = []
  const opened = Promise.withResolvers<Socket>()
  let handedOver = 0
  knock({
    address: '127.0.0.1',
    port,
    everyMs: 20,
    onFailure: (code) => failures.push(code),
    onOpen(socket) {
      handedOver++
      opened.resolve(socket)
    },
  })
  while (failures.length < 3) await Bun.sleep(5)
  expect(new Set(failures)).toEqual(new Set(['ECONNREFUSED']))
  const server = createServer()
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const socket = await opened.promise
  await Bun.sleep(100)
  expect(handedOver).toBe(1)
  socket.destroy()
  server.close()
})

test('knock() says nothing more once it was stopped', async () => {
  let told = 0
  const stop = knock({ address: '127.0.0.1', port: 1, everyMs: 10, onOpen: () => told++, onFailure: () => told++ })
  stop()
  await Bun.sleep(60)
  expect(told).toBe(0)
})
