import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { type SimulatedCluster, simulatedCluster } from './cluster'
import type { HostFault } from './faults'
import type { SimulatedHost } from './host'

let cluster: SimulatedCluster
let head: SimulatedHost
let second: SimulatedHost

beforeAll(async () => {
  cluster = await simulatedCluster({ ports: 'free', speed: 200 })
  ;[head, second] = cluster.hosts as [SimulatedHost, SimulatedHost]
})
afterAll(() => cluster.stop())

const inject = (kind: HostFault, seconds = 60) => cluster.faults.host('spark-2', kind, seconds)
const heal = () => cluster.faults.clear()
const answers = (host: SimulatedHost, port: number, path: string) =>
  fetch(`http://${host.address}:${port}${path}`, { signal: AbortSignal.timeout(300) }).then(
    (answer) => answer.ok,
    () => false,
  )
const file = (host: SimulatedHost, path: string) => readFileSync(join(host.directory, path), 'utf8')

async function until(holds: () => Promise<boolean> | boolean) {
  while (!(await holds())) await Bun.sleep(20)
}

/** An open session whose command says again what it hears. */
async function session(host: SimulatedHost) {
  const client = new ssh2.Client()
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject)
    client.connect({
      host: host.address,
      port: host.sshPort,
      username: 'spark',
      privateKey: readFileSync(join(cluster.directory, 'id_ed25519')),
    })
  })
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
    client.exec('cat', (error, stream) => (error ? reject(error) : resolve(stream))),
  )
  let text = ''
  channel.on('data', (data: Buffer) => (text += data))
  return { client, channel, heard: () => text }
}

/** The fingerprint of the host key that is shown, or what went wrong. */
function handshake(host: SimulatedHost, timeout = 1000): Promise<string> {
  const client = new ssh2.Client()
  let shown = ''
  return new Promise((resolve) => {
    client
      .once('ready', () => resolve(shown))
      // A timeout is told twice: by the timer, and by the connection it ends.
      .on('error', (error: Error & { level?: string; code?: string }) => resolve(error.code ?? error.level ?? ''))
    client.connect({
      host: host.address,
      port: host.sshPort,
      username: 'spark',
      privateKey: file({ ...host, directory: cluster.directory }, 'id_ed25519'),
      readyTimeout: timeout,
      hostVerifier: (key: Buffer) => {
        shown = new Bun.CryptoHasher('sha256').update(key).digest('base64')
        return true
      },
    })
  }).finally(() => client.end()) as Promise<string>
}

// A cut link is silent where a socket takes a packet filter; elsewhere a port can only refuse, and a server keep still.
const cutWord = process.platform === 'linux' ? 'silence' : expect.any(String)

/** What becomes of a connection attempt within a quarter of a second. */
function connecting(host: SimulatedHost, port: number): Promise<string> {
  const socket = createConnection(port, host.address)
  return new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected')).once('error', (error) => resolve(String(error)))
    setTimeout(() => resolve('silence'), 250)
  }).finally(() => socket.destroy())
}

test('link-down: no SSH, no HTTP, not from the other Spark either, until it heals', async () => {
  await inject('link-down')
  expect(await connecting(second, second.sshPort)).toBe(cutWord)
  expect(await connecting(second, cluster.ports.embed)).toBe(cutWord)
  expect(await answers(second, cluster.ports.embed, '/health')).toBe(false)
  expect(await head.run('ssh -o ConnectTimeout=2 192.168.177.12 true')).toMatchObject({
    code: 255,
    stderr: 'ssh: connect to host 192.168.177.12 port 22: No route to host\n',
  })
  await heal()
  expect((await handshake(second)).length).toBe(44)
  await until(() => answers(second, cluster.ports.embed, '/health'))
})

test('link-down: an open session is silent, not closed, and goes on afterwards', async () => {
  const { client, channel, heard } = await session(second)
  let ended = false
  client.on('close', () => {
    ended = true
  })
  await inject('link-down')
  channel.write('late')
  await Bun.sleep(300)
  expect([ended, heard()]).toEqual([false, ''])
  await heal()
  await until(() => heard() === 'late')
  client.end()
})

test('a fault says from when until when, and holds just as long', async () => {
  const { from, until: end } = await inject('link-down', 0.7)
  expect(end - from).toBe(700)
  expect(await connecting(second, second.sshPort)).toBe(cutWord)
  const healed = () => !existsSync(join(second.directory, 'state/faults/link-down.json'))
  while (!healed()) await Bun.sleep(5)
  expect(Date.now() - end).toBeGreaterThanOrEqual(-5)
  expect((await handshake(second)).length).toBe(44)
})

test('ssh-frozen: the port accepts and says nothing, an open session stalls and goes on afterwards', async () => {
  const { client, channel, heard } = await session(second)
  await inject('ssh-frozen')
  channel.write('late')
  let banner = ''
  const socket = createConnection(second.sshPort, second.address).on('data', (data) => (banner += data))
  await new Promise((resolve) => socket.once('connect', resolve))
  expect(await handshake(second, 300)).toBe('client-timeout')
  const patient = handshake(second, 10_000)
  expect([banner, heard()]).toEqual(['', ''])
  expect(await answers(second, cluster.ports.embed, '/health')).toBe(true)
  await heal()
  await until(() => heard() === 'late' && banner.startsWith('SSH-2.0-'))
  expect((await patient).length).toBe(44)
  client.end()
  socket.destroy()
})

test('host-key-changed shows another key until its seconds are over', async () => {
  const before = await handshake(second)
  await inject('host-key-changed')
  const changed = await handshake(second)
  expect(changed.length).toBe(44)
  expect(changed).not.toBe(before)
  await heal()
  expect(await handshake(second)).toBe(before)
})

test('faults of one host overlap and heal each for itself', async () => {
  await inject('ssh-frozen')
  await inject('link-down', 0.6)
  expect(await connecting(second, second.sshPort)).toBe(cutWord)
  await until(async () => (await connecting(second, second.sshPort)) === 'connected')
  expect(await handshake(second, 100)).toBe('client-timeout')
  await inject('ssh-frozen', 0.1)
  await until(async () => (await handshake(second, 100)).length === 44)
})

test('reboot: everything dies, then the machine is back with a new boot id and its http services alone', async () => {
  await second.run('docker run -d --rm --name vllm_node vllm-node sleep infinity')
  await second.run('setsid sleep 4000 >/dev/null 2>&1 </dev/null &')
  const before = file(second, 'proc/sys/kernel/random/boot_id')
  await inject('reboot')
  expect(cluster.processes().filter((one) => one.host === 'spark-2')).toEqual([])
  expect(await handshake(second)).toBe('ECONNREFUSED')
  await heal()
  expect(file(second, 'proc/sys/kernel/random/boot_id')).not.toBe(before)
  expect(Number(file(second, 'proc/uptime').split(' ')[0])).toBeLessThan(60)
  const states = (await second.run("docker ps -a --format '{{.Names}} {{.State}}'")).stdout.trim().split('\n')
  expect(states.filter((state) => !state.startsWith('bot ')).toSorted()).toEqual(['bge-m3 running', 'comfyui running'])
  await until(() => answers(second, cluster.ports.embed, '/health'))
  expect((await handshake(second)).length).toBe(44)
})
