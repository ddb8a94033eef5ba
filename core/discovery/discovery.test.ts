import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { AddressInfo } from 'node:net'
import ssh2, { type Connection, type Server } from 'ssh2'
import { freshKeyPair } from '../cluster/key-pair'
import { type Discovery, discovery } from './discovery'

let server: Server
let letsIn = false
let logins = 0
let looking: Discovery | null = null

beforeAll(async () => {
  server = new ssh2.Server({ hostKeys: [freshKeyPair().private] }, (client: Connection) => {
    client.on('error', () => {})
    client.on('authentication', (attempt) => {
      if (attempt.method === 'none') return attempt.reject(['publickey'])
      logins++
      return letsIn ? attempt.accept() : attempt.reject(['publickey'])
    })
    client.on('session', (accept) =>
      accept().on('exec', (run) => {
        const channel = run()
        channel.write('hostname\tspark-1\n')
        channel.exit(0)
        channel.end()
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())
afterEach(() => {
  looking?.close()
  letsIn = false
  logins = 0
})

function begun(unwatchedMs?: number): Discovery {
  const { port } = server.address() as AddressInfo
  const { private: privateKey, public: publicLine } = freshKeyPair()
  looking = discovery({ privateKey, publicLine }, { unwatchedMs })
  looking.begin([{ user: 'spark', address: '127.0.0.1', sshPort: port }])
  return looking
}

async function until(holds: () => boolean) {
  while (!holds()) await Bun.sleep(20)
}

test('discovery() that rested while nobody looked goes on when somebody does', async () => {
  const { sparks } = begun(1000)
  await until(() => sparks()[0]?.link.code === 'key_refused')
  await Bun.sleep(1600)
  letsIn = true
  await until(() => sparks()[0]?.seen !== null)
  expect(sparks()[0]?.seen?.hostname).toBe('spark-1')
}, 20_000)

test('discovery() tries a Spark that refused again by itself, without being asked', async () => {
  const { sparks } = begun()
  await until(() => logins > 0)
  letsIn = true
  await until(() => logins > 1)
  await until(() => sparks()[0]?.seen !== null)
  expect(sparks()[0]?.link.state).toBe('up')
}, 20_000)

test('discovery() that was closed keeps nobody waiting', async () => {
  const { settled, close } = begun()
  const waiting = settled(60_000)
  close()
  await waiting
  await settled(60_000)
  expect(logins).toBeLessThan(2)
})
