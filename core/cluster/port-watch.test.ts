import { expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { type PortState, portWatch } from './port-watch'

test('portWatch() tells when a port closes and opens again, and nothing in between', async () => {
  const end = new AbortController()
  const seen: PortState[] = []
  const listen = (port: number) =>
    new Promise<ReturnType<typeof createServer>>((done) => {
      const server = createServer((socket) => socket.on('error', () => {})).listen(port, '127.0.0.1', () =>
        done(server),
      )
    })
  const first = await listen(0)
  const { port } = first.address() as { port: number }
  const poke = portWatch(
    () => ({ address: '127.0.0.1', port }),
    end.signal,
    (state) => seen.push(state),
  )
  const until = async (count: number) => {
    while (seen.length < count) {
      poke()
      await Bun.sleep(10)
    }
  }
  await until(1)
  first.close()
  await until(2)
  const second = await listen(port)
  await until(3)
  end.abort()
  second.close()
  expect(seen).toEqual(['open', 'refused', 'open'])
})
