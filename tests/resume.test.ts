import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ControlPlane, controlPlane } from '../commands/serve'
import type { AttentionView, ClusterView } from '../core/cluster/snapshot'
import type { JobView } from '../core/jobs/job'
import { jsonLog } from '../core/log'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { loadKinds } from '../handlers/kinds'
import { small, until } from './cluster'

const data = mkdtempSync(join(tmpdir(), 'spark-resume-'))
// A Spark that has just started is left alone for 20 s before anything is loaded.
const patienceMs = 60_000
let cluster: SimulatedCluster
let plane: ControlPlane

setDefaultTimeout(120_000)

beforeAll(async () => {
  cluster = await simulatedCluster({
    hosts: 1,
    speed: 40,
    ports: 'free',
    firstAddress: `127.2.${process.pid % 250}.11`,
  })
  const text = await Bun.file(cluster.configPath).text()
  await Bun.write(cluster.configPath, text.replace('llm: { kind: vllm,', 'llm: { kind: vllm, resume: true,'))
  plane = await started()
})
afterAll(async () => {
  await plane.stop()
  await cluster.stop()
  rmSync(data, { recursive: true, force: true })
})

test('after a restart of its Spark a model is loaded again by itself, once nobody holds the lock', async () => {
  await loaded(small)
  const lock = await ask('POST', '/api/swap/lock', { holder: 'Alice', reason: 'measures', ttl_s: 600 })
  const { token } = (await lock.json()) as { token: string }
  await cluster.faults.host('spark-1', 'reboot', 1)
  const told = await until(
    'the wait for the lock to be told',
    async () => {
      const all = (await (await ask('GET', '/api/attention')).json()) as AttentionView[]
      return (
        all.filter(({ subject }) => subject === 'service:llm').find(({ remedy }) => remedy.includes('Alice')) ?? null
      )
    },
    patienceMs,
  )
  expect(told).toMatchObject({
    severity: 'info',
    text: expect.stringContaining('Llama 3.1 8B is no longer loaded since spark-1 restarted'),
    remedy: 'it is loaded again once Alice releases the lock',
  })
  await ask('DELETE', '/api/swap/lock', undefined, { 'x-swap-token': token })
  expect(await resumed()).toMatchObject({ by: 'resume', recipe: small, state: 'done', error: null })
})

test('it is loaded again too where this program was down while its Spark restarted', async () => {
  const before = await swaps()
  await plane.stop()
  await cluster.faults.host('spark-1', 'reboot', 1)
  await Bun.sleep(1500)
  plane = await started()
  expect(await resumed(before.length)).toMatchObject({ by: 'resume', recipe: small, state: 'done' })
})

async function started(): Promise<ControlPlane> {
  const kinds = await loadKinds()
  return controlPlane({ config: cluster.configPath, data, port: 0, kinds, log: jsonLog(() => {}) })
}

function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) }
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  return fetch(`${plane.server.url}${path}`, { method, headers: { ...type, ...headers }, ...json })
}

async function loaded(recipe: string) {
  await until('the host to be up', async () => {
    const { hosts } = (await (await ask('GET', '/api/cluster')).json()) as ClusterView
    return hosts.every(({ state }) => state === 'up') ? true : null
  })
  expect((await ask('POST', '/api/swap', { recipe })).status).toBe(202)
  await until(`${recipe} to be loaded`, async () => ((await swaps())[0]?.state === 'done' ? true : null))
}

async function swaps(): Promise<JobView[]> {
  const { jobs } = (await (await ask('GET', '/api/jobs')).json()) as { jobs: JobView[] }
  return jobs.filter(({ kind }) => kind === 'swap')
}

/** The swap that came after so many, once it has ended. */
async function resumed(after = 1): Promise<JobView> {
  return until(
    'it to be loaded again',
    async () => {
      const all = await swaps()
      return all.length > after && all[0]?.ended_at ? all[0] : null
    },
    patienceMs,
  )
}
