import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { type SimulatedCluster, simulatedCluster } from './cluster'
import { type FaultsPort, faultsPort } from './faults-port'
import type { SimulatedHost } from './host'
import { catalogue } from './models'
import type { RunningProcess } from './running'

let cluster: SimulatedCluster
let faults: FaultsPort
let head: SimulatedHost
let second: SimulatedHost

beforeAll(async () => {
  cluster = await simulatedCluster({ ports: 'free', speed: 200, loaded: 'llama-3.1-8b-fp8' })
  faults = faultsPort(cluster)
  ;[head, second] = cluster.hosts as [SimulatedHost, SimulatedHost]
})
afterAll(async () => {
  await faults.stop()
  await cluster.stop()
})

const at = (path: string) => `http://127.0.0.1:${faults.port}${path}`
const inject = (path: string, body: unknown) => fetch(at(path), { method: 'POST', body: JSON.stringify(body) })
const heal = () => fetch(at('/faults'), { method: 'DELETE' })
const processes = async () =>
  ((await (await fetch(at('/processes'))).json()) as { processes: RunningProcess[] }).processes
const models = async () => (await processes()).filter((one) => one.service === 'llm')
const answers = (host: SimulatedHost, port: number, path: string) =>
  fetch(`http://${host.address}:${port}${path}`, { signal: AbortSignal.timeout(300) }).then(
    (answer) => answer.ok,
    () => false,
  )
const file = (host: SimulatedHost, path: string) => readFileSync(join(host.directory, path), 'utf8')
const available = (host: SimulatedHost) => Number(/MemAvailable:\s+(\d+)/.exec(file(host, 'proc/meminfo'))?.[1]) * 1024

async function until(holds: () => Promise<boolean> | boolean) {
  while (!(await holds())) await Bun.sleep(20)
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

test('GET /processes tells what really runs: one model, its recipe and port, and the http services', async () => {
  const [model, ...others] = await models()
  expect(others).toEqual([])
  expect(model).toMatchObject({
    host: 'spark-1',
    container: 'vllm_node',
    service: 'llm',
    recipe: 'llama-3.1-8b-fp8',
    port: cluster.ports.llm,
  })
  expect(model?.args.slice(0, 2)).toEqual(['vllm', 'serve'])
  const services = (await processes()).filter((one) => one.host === 'spark-2').map((one) => one.service)
  expect(services.toSorted()).toEqual(['comfy', 'embed'])
  expect(await answers(second, cluster.ports.embed, '/health')).toBe(true)
})

test('unknown ids are 404, unknown kinds and bad seconds 422 with the kinds listed', async () => {
  expect((await inject('/hosts/spark-9/faults', { kind: 'reboot' })).status).toBe(404)
  expect((await inject('/recipes/none/faults', { kind: 'wrong-model' })).status).toBe(404)
  expect((await fetch(at('/elsewhere'))).status).toBe(404)
  const answer = await inject('/services/llm/faults', { kind: 'reboot' })
  expect(answer.status).toBe(422)
  const { error } = (await answer.json()) as { error: { message: string; param: string } }
  expect(error.message).toContain('choose one of stop, crash, hang, slow, busy, bad-json, reset-mid-stream')
  expect(error.param).toBe('/kind')
  expect((await inject('/hosts/spark-1/faults', { kind: 'reboot', seconds: -1 })).status).toBe(422)
  expect((await fetch(at('/hosts/spark-1/faults'), { method: 'POST', body: '{' })).status).toBe(422)
})

test('a crashed model is gone, and runs again with the same arguments when the fault is over', async () => {
  const [before] = await models()
  expect((await inject('/services/llm/faults', { kind: 'crash', seconds: 60 })).status).toBe(201)
  await until(async () => (await models()).length === 0)
  expect((await head.run('docker ps -q --filter name=^vllm_node$')).stdout).not.toBe('')
  await heal()
  await until(() => answers(head, cluster.ports.llm, '/v1/models'))
  const [after] = await models()
  expect(after?.args).toEqual(before?.args as string[])
  expect(after?.pid).not.toBe(before?.pid as number)
})

test('a stopped service container comes back by itself after its seconds', async () => {
  await inject('/services/embed/faults', { kind: 'stop', seconds: 0.6 })
  await until(
    async () => (await second.run("docker inspect --format '{{.State.Status}}' bge-m3")).stdout === 'exited\n',
  )
  await until(() => answers(second, cluster.ports.embed, '/health'))
})

test('link-down: no SSH, no HTTP, not from the other Spark either, until it heals', async () => {
  await inject('/hosts/spark-2/faults', { kind: 'link-down', seconds: 60 })
  expect(await handshake(second)).toBe('ECONNREFUSED')
  expect(await answers(second, cluster.ports.embed, '/health')).toBe(false)
  expect(await head.run('ssh -o ConnectTimeout=2 192.168.177.12 true')).toMatchObject({
    code: 255,
    stderr: 'ssh: connect to host 192.168.177.12 port 22: No route to host\n',
  })
  await heal()
  expect((await handshake(second)).length).toBe(44)
  await until(() => answers(second, cluster.ports.embed, '/health'))
})

test('ssh-frozen: the port accepts and says nothing, an open session stalls and goes on afterwards', async () => {
  const client = new ssh2.Client()
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject)
    client.connect({
      host: second.address,
      port: second.sshPort,
      username: 'spark',
      privateKey: readFileSync(join(cluster.directory, 'id_ed25519')),
    })
  })
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
    client.exec('cat', (error, stream) => (error ? reject(error) : resolve(stream))),
  )
  let text = ''
  channel.on('data', (data: Buffer) => (text += data))
  await inject('/hosts/spark-2/faults', { kind: 'ssh-frozen', seconds: 60 })
  channel.write('late')
  let banner = ''
  const socket = createConnection(second.sshPort, second.address).on('data', (data) => (banner += data))
  await new Promise((resolve) => socket.once('connect', resolve))
  expect(await handshake(second, 300)).toBe('client-timeout')
  const patient = handshake(second, 10_000)
  expect([banner, text]).toEqual(['', ''])
  expect(await answers(second, cluster.ports.embed, '/health')).toBe(true)
  await heal()
  await until(() => text === 'late' && banner.startsWith('SSH-2.0-'))
  expect((await patient).length).toBe(44)
  client.end()
  socket.destroy()
})

test('host-key-changed shows another key until its seconds are over', async () => {
  const before = await handshake(second)
  await inject('/hosts/spark-2/faults', { kind: 'host-key-changed', seconds: 60 })
  const changed = await handshake(second)
  expect(changed.length).toBe(44)
  expect(changed).not.toBe(before)
  await heal()
  expect(await handshake(second)).toBe(before)
})

test('faults of one host overlap and heal each for itself', async () => {
  await inject('/hosts/spark-2/faults', { kind: 'ssh-frozen', seconds: 60 })
  await inject('/hosts/spark-2/faults', { kind: 'link-down', seconds: 0.2 })
  expect(await handshake(second)).toBe('ECONNREFUSED')
  await until(async () => (await handshake(second, 100)) === 'client-timeout')
  await inject('/hosts/spark-2/faults', { kind: 'ssh-frozen', seconds: 0.1 })
  await until(async () => (await handshake(second, 100)).length === 44)
})

test('disk-full leaves nothing available, and a download says so', async () => {
  await inject('/hosts/spark-1/faults', { kind: 'disk-full', seconds: 60 })
  expect((await head.run('df -kP ~')).stdout.split('\n')[1]).toMatch(/^\/dev\/nvme0n1p2 +\d+ +\d+ +0 +100% \/$/)
  const download = await head.run(
    `~/.local/bin/uvx hf download ${catalogue.find(({ hosts }) => hosts.length === 0)?.repo}`,
  )
  expect(download).toMatchObject({ code: 1, stderr: expect.stringMatching(/^OSError: .* No space left on device/) })
  await heal()
  expect((await head.run('df -B1 ~')).stdout.split('\n')[1]).not.toContain(' 0 ')
})

test('out-of-memory leaves 300 MB, shown in /proc/pressure too', async () => {
  await inject('/hosts/spark-2/faults', { kind: 'out-of-memory', seconds: 60 })
  expect(available(second)).toBeLessThan(320 * 2 ** 20)
  await until(async () => (await second.run('cat /proc/pressure/memory')).stdout.includes('avg10=41.20'))
  await heal()
  await until(() => available(second) > 100 * 2 ** 30)
})

test('memory-not-released: a stopped model’s memory stays away until the fault is over', async () => {
  const before = available(head)
  await inject('/hosts/spark-1/faults', { kind: 'memory-not-released', seconds: 60 })
  await head.run('docker stop -t 0 vllm_node')
  expect(await models()).toEqual([])
  await Bun.sleep(600)
  expect(Math.abs(available(head) - before)).toBeLessThan(2 * 2 ** 30)
  await heal()
  await until(() => available(head) > before + 20 * 2 ** 30)
})

test('fail-at-start makes the recipe’s next launch fail; DELETE /faults heals it', async () => {
  await inject('/recipes/llama-3.1-8b-fp8/faults', { kind: 'fail-at-start' })
  const launch = `cd ~/spark-vllm-docker && ./launch-cluster.sh --solo exec vllm serve nvidia/Llama-3.1-8B-Instruct-FP8 --port ${cluster.ports.llm}`
  expect((await head.run(launch)).code).not.toBe(0)
  await heal()
  expect(existsSync(join(cluster.directory, 'faults/models/nvidia--Llama-3.1-8B-Instruct-FP8.json'))).toBe(false)
})

test('reboot: everything dies, then the machine is back with a new boot id and its http services alone', async () => {
  await second.run('docker run -d --rm --name vllm_node vllm-node sleep infinity')
  await second.run('setsid sleep 4000 >/dev/null 2>&1 </dev/null &')
  const before = file(second, 'proc/sys/kernel/random/boot_id')
  await inject('/hosts/spark-2/faults', { kind: 'reboot', seconds: 60 })
  expect((await processes()).filter((one) => one.host === 'spark-2')).toEqual([])
  expect(await handshake(second)).toBe('ECONNREFUSED')
  await heal()
  expect(file(second, 'proc/sys/kernel/random/boot_id')).not.toBe(before)
  expect(Number(file(second, 'proc/uptime').split(' ')[0])).toBeLessThan(60)
  expect(
    (await second.run("docker ps -a --format '{{.Names}} {{.State}}'")).stdout.trim().split('\n').toSorted(),
  ).toEqual(['bge-m3 running', 'comfyui running'])
  await until(() => answers(second, cluster.ports.embed, '/health'))
  expect((await handshake(second)).length).toBe(44)
})
