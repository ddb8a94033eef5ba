import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { AddressInfo } from 'node:net'
import ssh2, { type Connection, type Server } from 'ssh2'
import { type LiveHost, liveHost } from '../cluster/hosts'
import { freshKeyPair } from '../cluster/key-pair'
import { changeContainer } from './change-container'

// A real SSH server; docker behind it is played, so that the link can fall in the middle of a restart.
let server: Server
let live: LiveHost
let starts = 0
let asked = 0
let falls: 'before' | 'after' | null = null

beforeAll(async () => {
  server = new ssh2.Server({ hostKeys: [freshKeyPair().private] }, (client: Connection) => {
    client.on('error', () => {})
    client.on('authentication', (attempt) => attempt.accept())
    client.on('session', (accept) =>
      accept().on('exec', (run, _, { command }) => {
        if (command.includes('restart')) asked++
        if (command.includes('restart') && falls !== 'before') starts++
        if (command.includes('restart') && falls !== null) {
          falls = null
          return client.end()
        }
        const channel = run()
        channel.write(JSON.stringify({ Running: true, StartedAt: `start ${starts}`, ExitCode: 0 }))
        channel.exit(0)
        channel.end()
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: sshPort } = server.address() as AddressInfo
  const { private: privateKey, public: publicLine } = freshKeyPair()
  const host = {
    id: 'spark-1',
    title: 'Spark',
    address: '127.0.0.1',
    sshPort,
    user: 'u',
    launcher: null,
    fabric: null,
    models: [],
    reserveBytes: 0,
  }
  live = liveHost(host, { key: { privateKey, publicLine }, hostKeys: { pinned: () => null, pin() {} } })
  await live.ready()
})
afterAll(() => {
  live.close()
  server.close()
})

async function restarted(startedBefore = `start ${starts}`) {
  asked = 0
  const before = starts
  const { signal } = new AbortController()
  await changeContainer(live, { verb: 'restart', container: 'comfyui', startedBefore, signal })
  return { asked, done: starts - before }
}

test('changeContainer() restarts once, also when the link falls before or after docker did it', async () => {
  expect(await restarted()).toEqual({ asked: 1, done: 1 })
  falls = 'after'
  expect(await restarted()).toEqual({ asked: 1, done: 1 })
  falls = 'before'
  expect(await restarted()).toEqual({ asked: 2, done: 1 })
}, 20_000)

test('changeContainer() leaves alone what an earlier run of this program restarted already', async () => {
  expect(await restarted('some earlier start')).toEqual({ asked: 0, done: 0 })
})
