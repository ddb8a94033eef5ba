import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AttentionView } from '../core/cluster/snapshot'
import { finalStates, type JobView } from '../core/jobs/job'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { large, small, until } from './cluster'
import { type Program, program } from './program'

const mine =
  'recipe_version: "1"\nname: Mine\nmodel: org/mine\ncontainer: vllm-node\ncommand: vllm serve org/mine --port {port}\n'
const root = process.platform === 'linux' && process.getuid?.() === 0
const data = mkdtempSync(join(tmpdir(), 'spark-disk-full-'))
let cluster: SimulatedCluster
let controller: Program
let url: string

// The disk is a file system of its own of a few megabytes, which only root can mount, in a namespace of the program alone.
describe.skipIf(!root)('a controller whose disk is full', () => {
  setDefaultTimeout(90_000)
  beforeAll(async () => {
    cluster = await simulatedCluster({ speed: 16, ports: 'free', firstAddress: `127.2.${process.pid % 250}.11` })
    await started(['mount', '-t', 'tmpfs', '-o', 'size=6m', 'none', data])
  })
  afterAll(async () => {
    controller.kill('SIGKILL')
    await controller.exited
    await cluster.stop()
    rmSync(data, { recursive: true, force: true })
  })

  test('refuses what it cannot keep, shows all else, says so, and works again by itself', async () => {
    fill()
    const refused = await swap(large)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await refused.json()).toMatchObject({ error: { code: 'storage_unavailable', reason: 'full' } })
    const recipe = await ask('PUT', '/api/recipes/mine', { text: mine })
    expect([recipe.status, (await recipe.json()).error.code]).toEqual([503, 'storage_unavailable'])
    for (const path of ['/', '/api/cluster', '/api/jobs', '/api/history', '/v1/models', '/metrics'])
      expect([path, (await ask('GET', path)).status]).toEqual([path, 200])
    expect((await storage())?.text).toContain("this controller's disk is full")
    free()
    await until('the trouble to be over', async () => ((await storage()) ? null : true))
    expect((await jobs()).filter(({ kind }) => kind === 'swap')).toEqual([])
  })

  test('ends a swap that it had accepted as if nothing had been', async () => {
    const { job } = await (await swap(large)).json()
    await until('it to load', async () => ((await look(job)).phase === 'load' ? true : null))
    fill()
    await until('the trouble to be told', storage)
    await until('the model to be up', async () => {
      const answer = await fetch(`http://${cluster.hosts[0]?.address}:${cluster.ports.llm}/v1/models`).catch(() => null)
      return answer?.ok ? true : null
    })
    expect(finalStates).not.toContain((await look(job)).state)
    free()
    const view = await until('it to end', async () => {
      const seen = await look(job)
      return finalStates.includes(seen.state) ? seen : null
    })
    expect(view).toMatchObject({ id: job, state: 'done', recipe: large })
    expect(cluster.processes().filter(({ service }) => service === 'llm')).toHaveLength(1)
  })

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`starts again after ${signal} although the disk is still full`, async () => {
      fill()
      const before = (await jobs()).map(({ id }) => id)
      await restarted(signal)
      expect((await jobs()).map(({ id }) => id)).toEqual(before)
      expect([(await ask('GET', '/')).status, (await swap(small)).status]).toEqual([200, 503])
      free()
      await until('the trouble to be over', async () => ((await storage()) ? null : true))
    })
  }
})

/** Starts the program in a namespace of its own in which that command has been run. */
async function started(first: string[]) {
  const under = ['unshare', '--mount', 'sh', '-c', 'eval "$1"; shift; exec "$@"', 'sh', first.join(' ')]
  await begun(under)
}

/** Ends the program and starts it again on the same file system, which would be gone with the last who has it. */
async function restarted(signal: NodeJS.Signals) {
  const keeper = Bun.spawn(['nsenter', '--target', String(controller.pid), '--mount', 'sleep', '600'])
  // Outside of that namespace the folder is empty.
  const database = `/proc/${keeper.pid}/root${join(data, 'spark-control.sqlite')}`
  await until('its file system to be kept', () => (existsSync(database) ? true : null))
  controller.kill(signal)
  await controller.exited
  await begun(['nsenter', '--target', String(keeper.pid), '--mount'])
  keeper.kill()
}

async function begun(under: string[]) {
  controller = program(['serve', '--config', cluster.configPath, '--data', data, '--port', '0'], { under })
  url = await controller.line(/^ready (\S+)$/)
  await until('the Sparks to be seen', async () => {
    const { hosts, services } = await (await ask('GET', '/api/cluster')).json()
    const unseen = [...hosts, ...services].filter(({ state }: { state: string }) => state === 'unknown')
    return unseen.length === 0 ? true : null
  })
}

const filler = () => `/proc/${controller.pid}/root${join(data, 'filler')}`

function fill() {
  const handle = openSync(filler(), 'a')
  const page = new Uint8Array(4096)
  try {
    for (;;) writeSync(handle, page)
  } catch (error) {
    expect((error as { code: string }).code).toBe('ENOSPC')
  } finally {
    closeSync(handle)
  }
}

function free() {
  rmSync(filler())
}

function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${url}${path}`, body === undefined ? { method } : { method, headers, body: JSON.stringify(body) })
}

const swap = (recipe: string) => ask('POST', '/api/swap', { recipe })

async function look(job: string): Promise<JobView> {
  return (await (await ask('GET', `/api/swap/${job}`)).json()) as JobView
}

async function jobs(): Promise<JobView[]> {
  return (await (await ask('GET', '/api/jobs')).json()).jobs
}

async function storage(): Promise<AttentionView | null> {
  const found = (await (await ask('GET', '/api/attention')).json()) as AttentionView[]
  return found.find(({ subject }) => subject === 'storage') ?? null
}
