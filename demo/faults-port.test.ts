import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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
  expect(error.message).toContain('choose one of stop, crash, hang, slow, busy, stall, bad-json, reset-mid-stream')
  expect(error.param).toBe('/kind')
  expect((await inject('/hosts/spark-1/faults', { kind: 'reboot', seconds: -1 })).status).toBe(422)
  expect((await fetch(at('/hosts/spark-1/faults'), { method: 'POST', body: '{' })).status).toBe(422)
})

test('a crashed model is gone, and runs again with the same arguments when the fault is over', async () => {
  const [before] = await models()
  const answer = await inject('/services/llm/faults', { kind: 'crash', seconds: 60 })
  expect(answer.status).toBe(201)
  const { from, until: end } = (await answer.json()) as { from: string; until: string }
  expect(Date.parse(end) - Date.parse(from)).toBe(60_000)
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

test('out-of-memory shows in the kernel’s log, where that may be read', async () => {
  await inject('/hosts/spark-1/faults', { kind: 'out-of-memory', seconds: 60 })
  expect((await head.run('dmesg')).stdout).toMatch(/NV_ERR_NO_MEMORY.*\n.*NVRM: Xid \(PCI:000f:01:00\): 31/)
  expect((await second.run('dmesg')).stderr).toBe('dmesg: read kernel buffer failed: Operation not permitted\n')
  await heal()
})

test('stall of a small server: it tells how it is, and works on nothing until it is over', async () => {
  const embed = () =>
    fetch(`http://${second.address}:${cluster.ports.embed}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'Tides' }),
    })
  await inject('/services/embed/faults', { kind: 'stall', seconds: 60 })
  const asked = embed()
  expect(await Promise.race([asked, Bun.sleep(300).then(() => 'still')])).toBe('still')
  expect(await answers(second, cluster.ports.embed, '/health')).toBe(true)
  await heal()
  expect((await asked).status).toBe(200)
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

test('POST /hub/faults makes the hub go wrong for one model or for all, until its time has passed', async () => {
  const { hub } = cluster.ports
  const hubAddress = /hub: "([^"]+)"/.exec(readFileSync(cluster.configPath, 'utf8'))?.[1] ?? ''
  expect(hubAddress).toEndWith(`:${hub}`)
  const status = async (repo: string) => (await fetch(`${hubAddress}/api/models/${repo}?blobs=true`)).status
  expect((await inject('/hub/faults', { kind: 'broken', repo: 'Qwen/Qwen3-8B' })).status).toBe(201)
  expect([await status('Qwen/Qwen3-8B'), await status('openai/gpt-oss-20b')]).toEqual([503, 200])
  await inject('/hub/faults', { kind: 'rate-limited', seconds: 30 })
  expect(await status('openai/gpt-oss-20b')).toBe(429)
  expect((await inject('/hub/faults', { kind: 'gone' })).status).toBe(422)
  await heal()
  expect(await status('Qwen/Qwen3-8B')).toBe(200)
})
