import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { until } from './cluster'
import { modelHand } from './model-hand'
import { type Program, program } from './program'

const data = mkdtempSync(join(tmpdir(), 'spark-model-interruption-'))
const repo = 'Qwen/Qwen3.6-35B-A3B-FP8'
let cluster: SimulatedCluster
let controller: Program
let url: string
let hand: ReturnType<typeof modelHand>

setDefaultTimeout(90_000)
beforeAll(async () => {
  // Slow enough for a download to be interrupted, quick enough to be waited for.
  cluster = await simulatedCluster({ speed: 12, ports: 'free', firstAddress: `127.2.${process.pid % 250}.11` })
  await started()
  hand = modelHand({ cluster, ask })
})
afterAll(async () => {
  controller.kill('SIGKILL')
  await controller.exited
  await cluster.stop()
  rmSync(data, { recursive: true, force: true })
})
afterEach(() => cluster.faults.clear())

test('a controller that is killed again and again in a download and its copy ends it as if nothing had been', async () => {
  const { job } = await (await hand.download(repo, ['spark-1', 'spark-2'])).json()
  for (const said of ['GiB of', 'GiB of']) {
    await hand.says(job, said)
    await killed()
    expect(hand.commands('spark-1').filter((line) => line.startsWith('hf download'))).toHaveLength(1)
    await started()
  }
  await until('the copy', async () => ((await hand.view(job)).phase === 'copy' ? true : null), 60_000)
  await hand.says(job, 'on spark-2')
  await killed()
  await started()
  const ended = await hand.ended(job)
  expect([ended.state, ended.error, ended.id]).toEqual(['done', null, job])
  expect(await seen()).toEqual({ 'spark-1': 'ready', 'spark-2': 'ready' })
  expect(hand.sizes('spark-2', repo)).toEqual(hand.sizes('spark-1', repo))
  expect(hand.jobFiles('spark-1')).toEqual([])
})

test('a controller that is stopped in a download lets it go on, and tells its end when it is back', async () => {
  const other = 'Qwen/Qwen3-Reranker-4B'
  const { job } = await (await hand.download(other)).json()
  await until('it to run', () =>
    hand.commands('spark-1').some((line) => line.startsWith('hf download')) ? true : null,
  )
  controller.kill('SIGTERM')
  expect(await controller.exited).toBe(0)
  await until('it to end', () =>
    hand.commands('spark-1').some((line) => line.startsWith('hf download')) ? null : true,
  )
  await started()
  expect(await hand.ended(job)).toMatchObject({ state: 'done', error: null })
})

test('a cancel that the controller was killed in is still a cancel', async () => {
  const other = 'nvidia/Qwen3.5-122B-A10B-NVFP4'
  const { job } = await (await hand.download(other)).json()
  await hand.says(job, 'GiB of')
  await ask('DELETE', `/api/jobs/${job}`)
  await killed()
  await started()
  expect(await hand.ended(job)).toMatchObject({ state: 'cancelled' })
  expect(hand.commands('spark-1').filter((line) => line.startsWith('hf download'))).toEqual([])
})

test('fault row 31: a controller that is killed in a delete finishes it; the model is never half there', async () => {
  const whole = hand.sizes('spark-1', repo)
  const { job } = await (await hand.remove(repo)).json()
  for (let round = 0; round < 3; round++) {
    await killed()
    // It is there as it was, or not at all.
    for (const host of ['spark-1', 'spark-2'])
      if (existsSync(hand.folderOf(host, repo))) expect(hand.sizes(host, repo)).toEqual(whole)
    await started()
  }
  expect(await hand.ended(job)).toMatchObject({ id: job, state: 'done', error: null })
  for (const host of ['spark-1', 'spark-2'])
    expect([existsSync(hand.folderOf(host, repo)), hand.trash(host)]).toEqual([false, []])
  expect(await seen()).toBeNull()
})

test('fault row 31: what a delete has left that nobody remembers is removed at the next start', async () => {
  await killed()
  const left = join(hand.hubOf('spark-2'), '.spark-control-trash/model-0123456789abcdef0123/models--org--gone/blobs')
  const foreign = join(hand.hubOf('spark-2'), '.spark-control-trash/mine')
  for (const folder of [left, foreign]) mkdirSync(folder, { recursive: true })
  await started()
  await until('it to be gone', () => (existsSync(join(left, '../..')) ? null : true))
  expect(hand.trash('spark-2')).toEqual(['mine'])
  rmSync(foreign, { recursive: true })
  rmSync(join(foreign, '..'), { recursive: true })
})

test('fault row 31: a Spark that restarts in a delete, too', async () => {
  const other = 'nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4'
  const { job } = await (await hand.remove(other)).json()
  await cluster.faults.host('spark-1', 'reboot', 1)
  expect(await hand.ended(job)).toMatchObject({ id: job, state: 'done', error: null })
  for (const host of ['spark-1', 'spark-2'])
    expect([existsSync(hand.folderOf(host, other)), hand.trash(host)]).toEqual([false, []])
})

function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function seen() {
  return hand.stateOf(repo)
}

async function killed() {
  controller.kill('SIGKILL')
  await controller.exited
}

async function started() {
  controller = program(['serve', '--config', cluster.configPath, '--data', data, '--port', '0'])
  url = await controller.line(/^ready (\S+)$/)
  await until('the Sparks to be seen', async () => {
    const { hosts } = await (await fetch(`${url}/api/cluster`)).json()
    return hosts.every(({ state }: { state: string }) => state === 'up') ? true : null
  })
  await until('their disks to be seen', async () => ((await hand?.models?.())?.length === 0 ? null : true))
}
