import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { AttentionView, ClusterView, HostView, ServiceView } from '../core/cluster/snapshot'
import type { RecordedEvent } from '../core/history/event'
import { small, type TestCluster, testCluster, until } from './cluster'

setDefaultTimeout(120_000)

let spark: TestCluster
let configuration: string
beforeAll(async () => {
  spark = await testCluster({ loaded: small })
  configuration = await Bun.file(spark.cluster.configPath).text()
  await spark.settled(small)
  await spark.service('comfy', 'up')
  await spark.service('embed', 'up')
})
afterAll(() => spark.stop())

const snapshot = async () => (await (await spark.ask('GET', '/api/cluster')).json()) as ClusterView
const service = async (id: string) => (await snapshot()).services.find((each) => each.id === id) as ServiceView
const onSecond = (command: string) => spark.cluster.hosts[1]?.run(command)
const host = async (id: string) => (await snapshot()).hosts.find((each) => each.id === id) as HostView
const events = async (query: string) =>
  ((await (await spark.ask('GET', `/api/history?${query}`)).json()) as { events: RecordedEvent[] }).events

test('a host tells its figures, and null for what a GB10 does not know', async () => {
  const { facts } = await until('the first rates', async () => {
    const seen = await host('spark-1')
    return seen.facts?.cpu_percent != null ? seen : null
  })
  expect(facts).toMatchObject({
    gpu_name: 'NVIDIA GB10',
    gpu_driver: expect.stringMatching(/^5\d\d\./),
    memory_total_bytes: 130_663_165_952,
    memory_cached_bytes: expect.any(Number),
    boot_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    clock_skew_s: expect.any(Number),
    oom_kills: expect.any(Number),
  })
  expect(facts?.gpu_processes?.map(({ name }) => name)).toEqual(['VLLM::EngineCore'])
  expect(facts?.containers.find(({ name }) => name === 'vllm_node')?.state).toBe('running')
})

test('a VPN interface is told by its address', async () => {
  const { hosts } = await snapshot()
  const addresses = hosts.map(({ facts }) => facts?.vpn_address ?? null)
  expect(addresses.filter((each) => each !== null)).toEqual([expect.stringMatching(/^100\.64\./)])
})

test('a service that stops answering because its container crashed is down, says so, and is recorded', async () => {
  await spark.cluster.faults.service('comfy', 'crash', 2)
  const down = await until('comfy to be down', async () => {
    const seen = await service('comfy')
    return seen.state === 'down' ? seen : null
  })
  expect(down.cause).toContain('ended by itself (exited with code 137')
  await spark.service('comfy', 'up')
  const [outage] = (await events('service=comfy')).filter(({ state }) => state === 'down')
  expect(outage).toMatchObject({ type: 'state', host: 'spark-2', from: 'up', ended_at: expect.any(String) })
})

test('a restart is seen on the service and recorded, however short it was', async () => {
  const before = (await service('embed')).started_at
  await onSecond('docker restart -t 0 bge-m3')
  await until('the restart to be seen', async () => ((await service('embed')).started_at !== before ? true : null))
  await spark.service('embed', 'up')
  const [restart] = (await events('service=embed')).filter(({ type }) => type === 'restart')
  expect(restart?.text).toMatch(/^container bge-m3 was restarted after \d+ m?s/)
})

test('a container that somebody stopped is stopped, not down', async () => {
  await onSecond('docker stop -t 1 bge-m3')
  await spark.service('embed', 'stopped')
  await onSecond('docker start bge-m3')
  await spark.service('embed', 'up')
})

test('a cut link is recorded with its begin and end', async () => {
  const cut = await spark.cluster.faults.host('spark-2', 'link-down', 2)
  await spark.host('spark-2', 'unreachable')
  await spark.host('spark-2', 'up')
  const outage = await until('the outage to be recorded', async () => {
    const [found] = (await events('host=spark-2')).filter(
      ({ state, type }) => type === 'connectivity' && state !== 'up',
    )
    return found?.ended_at ? found : null
  })
  expect(outage).toMatchObject({ state: 'unreachable', from: 'up' })
  expect(Math.abs(Date.parse(outage.at) - cut.from)).toBeLessThan(1500)
  expect(Math.abs(Date.parse(outage.ended_at ?? '') - cut.until)).toBeLessThan(1500)
})

test('docker that does not answer is told as that, its services stay known by their ports, and both heal', async () => {
  await spark.cluster.faults.host('spark-2', 'docker-down', 4)
  const seen = await until('docker to be missed', async () => {
    const now = await host('spark-2')
    return now.cause === 'docker does not answer' ? now : null
  })
  expect(seen).toMatchObject({ state: 'up', remedy: expect.stringContaining('systemctl status docker') })
  expect((await service('embed')).state).toBe('up')
  const attention = (await (await spark.ask('GET', '/api/attention')).json()) as AttentionView[]
  expect(attention.some(({ text }) => text === 'spark-2: docker does not answer')).toBe(true)
  await until('docker to be back', async () => ((await host('spark-2')).cause === null ? true : null))
})

test('a service on another port than declared is found there, and the remedy names it', async () => {
  const { comfy } = spark.cluster.ports
  await Bun.write(spark.cluster.configPath, configuration.replace(`port: ${comfy}`, 'port: 65000'))
  const found = await until('it to be found', async () =>
    (await service('comfy')).cause?.includes('it answers') ? true : null,
  )
  expect(found).toBe(true)
  expect(await service('comfy')).toMatchObject({
    state: 'down',
    cause: `nothing listens on port 65000; it answers on port ${comfy}`,
    remedy: `set services.comfy.port to ${comfy} in spark.config.yaml`,
  })
})

test('a port that another service answers names that service', async () => {
  const { comfy, embed } = spark.cluster.ports
  const exchanged = configuration.replace(`port: ${comfy}`, 'port: 65000').replace(`port: ${embed}`, `port: ${comfy}`)
  await Bun.write(spark.cluster.configPath, exchanged)
  await until('it to be found', async () =>
    (await service('embed')).cause?.includes('answers as ComfyUI') ? true : null,
  )
  expect((await service('embed')).state).toBe('down')
})
