import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { JobView } from '../core/jobs/job'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { large, small, until } from './cluster'
import { type Program, program } from './program'
import { byScript, inDocker, runtimeRecipes, writePatch } from './runtime-recipes'

const data = mkdtempSync(join(tmpdir(), 'spark-interruption-'))
const recipes = runtimeRecipes()
let cluster: SimulatedCluster
let controller: Program
let url: string

setDefaultTimeout(90_000)
beforeAll(async () => {
  // Slow enough for a load to be interrupted, quick enough to be waited for.
  cluster = await simulatedCluster({
    speed: 16,
    ports: 'free',
    firstAddress: `127.1.${process.pid % 250}.11`,
    recipes,
  })
  for (const { home } of cluster.hosts) writePatch(home)
  await started()
})
afterAll(async () => {
  controller.kill('SIGKILL')
  await controller.exited
  await cluster.stop()
  for (const folder of [data, dirname(recipes)]) rmSync(folder, { recursive: true, force: true })
})
afterEach(() => cluster.faults.clear())

test('a controller that is killed again and again in a swap ends it as if nothing had been', async () => {
  const job = await begun(large)
  for (const phase of ['preflight', 'launch', 'load', 'load']) {
    await reached(job, phase)
    controller.kill('SIGKILL')
    await controller.exited
    await started()
  }
  const view = await ended(job)
  expect(view).toMatchObject({ id: job, state: 'done', recipe: large, error: null })
  expect(servers().map(({ recipe }) => recipe)).toEqual([large])
  const { jobs } = await (await fetch(`${url}/api/jobs`)).json()
  expect(jobs.filter((each: JobView) => each.created_at >= view.created_at).map(({ id }: JobView) => id)).toEqual([job])
})

test.each([inDocker, byScript])('a controller that is killed while %s loads goes on where it was', async (recipe) => {
  const job = await begun(recipe)
  for (const phase of ['launch', 'load']) {
    await reached(job, phase)
    controller.kill('SIGKILL')
    await controller.exited
    await started()
  }
  expect(await ended(job)).toMatchObject({ id: job, state: 'done', recipe, error: null })
  expect(servers().map(({ container }) => container)).toEqual([recipe === inDocker ? 'vllm_node' : null])
})

test('a swap that goes on launches what was accepted, whatever its recipe says by then', async () => {
  const job = await begun(large)
  await reached(job, 'stop')
  controller.kill('SIGKILL')
  await controller.exited
  const file = join(data, 'recipes', `${large}.yaml`)
  const text = readFileSync(join(cluster.directory, 'recipes', `${large}.yaml`), 'utf8')
  writeFileSync(file, text.replace(/^container: .*$/m, 'container: nowhere'))
  await started()
  try {
    expect(await ended(job)).toMatchObject({ id: job, state: 'done', recipe: large, error: null })
  } finally {
    rmSync(file)
  }
})

test('a controller that is stopped in a swap lets it go on, and tells its end when it is back', async () => {
  const job = await begun(small)
  await reached(job, 'load')
  controller.kill('SIGTERM')
  expect(await controller.exited).toBe(0)
  await until('the model to be up without a controller', async () => {
    const answer = await fetch(`http://${cluster.hosts[0]?.address}:${cluster.ports.llm}/v1/models`).catch(() => null)
    return answer?.ok ? true : null
  })
  await started()
  expect(await ended(job)).toMatchObject({ state: 'done', recipe: small })
})

test('a controller that is killed in the midst of a restart or an update ends it as if nothing had been', async () => {
  for (const [service, action] of [
    ['comfy', 'restart'],
    ['bot', 'update'],
  ]) {
    const job = await until(`${service} to take ${action}`, async () => {
      const answer = await fetch(`${url}/api/services/${service}/${action}`, { method: 'POST' })
      return answer.status === 202 ? ((await answer.json()) as { job: string }).job : null
    })
    controller.kill('SIGKILL')
    await controller.exited
    await started()
    expect(await ended(job)).toMatchObject({ id: job, state: 'done', service, action, error: null })
  }
})

test('a link that is cut in a load changes nothing of its end', async () => {
  const job = await begun(large)
  await reached(job, 'load')
  await cluster.faults.host('spark-1', 'link-down', 4)
  expect(await ended(job)).toMatchObject({ state: 'done', recipe: large, error: null })
  expect(servers()).toHaveLength(1)
})

test('a Spark that restarts in a load ends the swap with the cause, and the next one works', async () => {
  const job = await begun(small)
  await reached(job, 'load')
  await cluster.faults.host('spark-1', 'reboot', 2)
  const view = await ended(job)
  expect(['failed', 'rolled_back', 'needs_attention']).toContain(view.state)
  expect(view.error?.message).not.toBe('')
  expect(view.error?.remedy).not.toBe('')
  expect(await ended(await begun(large))).toMatchObject({ state: 'done' })
})

/** Nothing loaded, then a swap to the recipe accepted. */
async function begun(recipe: string): Promise<string> {
  for (const wanted of [null, recipe]) {
    const answer = await until(`${wanted} to be accepted`, async () => {
      const tried = await post(wanted)
      return tried.status === 202 || tried.status === 200 ? tried : null
    })
    const { job } = await answer.json()
    if (wanted !== null) return job
    if (job !== null) await ended(job)
  }
  throw new Error(`${recipe}: is loaded although nothing should be`)
}

function post(recipe: string | null): Promise<Response> {
  return fetch(`${url}/api/swap`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ recipe }),
  })
}

async function look(job: string): Promise<JobView> {
  return (await (await fetch(`${url}/api/jobs/${job}`)).json()) as JobView
}

async function reached(job: string, phase: string) {
  await until(`${job} to reach ${phase}`, async () => {
    const { phases } = await look(job)
    return phases.find(({ name }) => name === phase)?.state !== 'pending' ? true : null
  })
}

async function ended(job: string): Promise<JobView> {
  const running = ['queued', 'running']
  return until(
    `${job} to end`,
    async () => {
      const view = await look(job)
      return running.includes(view.state) ? null : view
    },
    60_000,
  )
}

function servers() {
  return cluster.processes().filter(({ service }) => service === 'llm')
}

async function started() {
  controller = program(['serve', '--config', cluster.configPath, '--data', data, '--port', '0'])
  url = await controller.line(/^ready (\S+)$/)
  await until('the Sparks to be seen', async () => {
    const { hosts } = await (await fetch(`${url}/api/cluster`)).json()
    return hosts.every(({ state }: { state: string }) => state === 'up') ? true : null
  })
}
