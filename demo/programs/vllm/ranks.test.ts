import { afterAll, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Running, sparkFixture } from '../spark-fixture'

const MODEL = 'cyankiwi/MiniMax-M2.7-AWQ-4bit'
const GIB = 2 ** 30
const head = sparkFixture({ models: [MODEL] })
const second = sparkFixture({ models: [MODEL], cluster: head.cluster, id: 'spark-2' })
afterAll(() => {
  second.end()
  head.end()
})

const activity = ({ pid }: Running) => {
  const file = join(second.directory, 'state/activity', String(pid))
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

let masterPort = 29501
async function launch() {
  const common = [MODEL, '-tp', '2', '--gpu-memory-utilization', '0.85', '--kv-cache-dtype', 'fp8', '--nnodes', '2']
  const meet = ['--master-addr', '192.168.177.11', '--master-port', String(masterPort++)]
  const start = async (rank: number) =>
    rank === 0
      ? head.vllm([...common, ...meet, '--node-rank', '0'])
      : second.vllm([...common, ...meet, '--node-rank', '1', '--headless'])
  return { start }
}

test('a model for two nodes loads half on each, and only the head serves', async () => {
  const { start } = await launch()
  const worker = await start(1)
  const server = await start(0)
  await server.until('Application startup complete.')
  expect(head.claim(server) / GIB).toBeCloseTo(0.85 * 121.69, 1)
  expect(second.claim(worker) / GIB).toBeCloseTo(0.85 * 121.69, 1)
  expect(server.log()).toContain('Model loading took 56.39 GiB memory')
  expect(worker.log()).toContain(`(Worker_TP1 pid=${worker.pid})`)
  expect(worker.log()).not.toContain('APIServer')
  await expect(fetch(`${worker.url}/health`)).rejects.toThrow()
  worker.kill('SIGKILL')
  server.kill('SIGKILL')
  await Promise.all([worker.exited, server.exited])
})

test('the head waits for its worker before it loads', async () => {
  const { start } = await launch()
  const server = await start(0)
  await server.until('world_size=2 rank=0')
  await Bun.sleep(600)
  expect(server.log()).not.toContain('Starting to load model')
  const worker = await start(1)
  await server.until('Application startup complete.')
  worker.kill('SIGKILL')
  server.kill('SIGKILL')
  await Promise.all([worker.exited, server.exited])
})

test('a worker works along with its head; a head that loses it says so and dies, and the streams it had end with an error', async () => {
  const { start } = await launch()
  const worker = await start(1)
  const server = await start(0)
  await server.until('Application startup complete.')
  const body = {
    model: MODEL,
    stream: true,
    ignore_eos: true,
    max_tokens: 100_000,
    messages: [{ role: 'user', content: 'Tides' }],
  }
  const stream = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  while (activity(worker) !== '1') await Bun.sleep(20)
  worker.kill('SIGKILL')
  expect(await stream.text()).toContain('EngineCore encountered an issue')
  expect(await server.exited).toBe(1)
  expect(server.log()).toContain('No available shared memory broadcast block found in 60 seconds')
  expect(server.log()).toContain('EngineDeadError')
})

test('a worker whose head is gone stays, with its memory', async () => {
  const { start } = await launch()
  const worker = await start(1)
  const server = await start(0)
  await server.until('Application startup complete.')
  server.kill('SIGKILL')
  await server.exited
  await Bun.sleep(600)
  expect(process.kill(worker.pid, 0)).toBe(true)
  worker.kill('SIGKILL')
  await worker.exited
})
