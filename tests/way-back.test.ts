import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { JobView } from '../core/jobs/job'
import { large, small, type TestCluster, testCluster, until } from './cluster'

let spark: TestCluster

beforeAll(async () => {
  spark = await testCluster()
  await spark.settled()
})
afterAll(() => spark.stop())
afterEach(() => spark.cluster.faults.clear())

test.each([
  ['fail-at-start', /does not know the model/],
  ['fail-at-load', /memory/],
  ['wrong-model', /serves .* instead of/],
] as const)('swap() brings the previous model back when the new one ends by %s', async (fault, cause) => {
  await spark.load(large)
  await spark.cluster.faults.recipe(small, fault)
  const view = await spark.swap(small)
  expect(view).toMatchObject({ state: 'rolled_back', result: 'previous', recipe: small, previous: large })
  expect(view.error?.message).toMatch(cause)
  expect(view.phases.filter(({ name }) => name.startsWith('back_')).map(({ state }) => state)).toEqual(
    Array(5).fill('done'),
  )
  await serves(large)
})

test('a swap that fails before anything was stopped leaves what runs alone', async () => {
  await spark.load(large)
  const [before] = servers()
  const head = spark.cluster.hosts[0]
  const moved = await head?.run('mv ~/spark-vllm-docker/launch-cluster.sh ~/spark-vllm-docker/elsewhere.sh')
  expect(moved?.code).toBe(0)
  try {
    const view = await spark.swap(small)
    expect(view).toMatchObject({ state: 'failed', result: 'previous', error: { code: 'preflight_failed' } })
    expect(servers().map(({ pid }) => pid)).toEqual([before?.pid ?? 0])
  } finally {
    await head?.run('mv ~/spark-vllm-docker/elsewhere.sh ~/spark-vllm-docker/launch-cluster.sh')
  }
})

test('a swap that is cancelled in its load ends cancelled with the previous model back', async () => {
  await spark.load(large)
  const job = await stalling(small)
  await cancel(job)
  expect(await spark.ended(job)).toMatchObject({ state: 'cancelled', result: 'previous', error: null })
  await serves(large)
})

test('a swap that is cancelled twice ends cancelled without a model, and says so', async () => {
  await spark.load(large)
  const job = await stalling(small)
  await cancel(job)
  await cancel(job)
  const view = await spark.ended(job)
  expect(view).toMatchObject({ state: 'cancelled', result: 'none' })
  expect(view.error?.message).toContain('no model is loaded')
  expect(servers()).toEqual([])
})

test('a way back that is cancelled ends failed without a model', async () => {
  await spark.load(large)
  await spark.cluster.faults.recipe(large, 'stall-at-load')
  await spark.cluster.faults.recipe(small, 'fail-at-start')
  const job = await spark.start(small)
  await reached(job, 'back_load')
  await cancel(job)
  expect(await spark.ended(job)).toMatchObject({ state: 'failed', result: 'none' })
  expect(servers()).toEqual([])
})

test('where the previous model fails too a person is asked for, once, and the next swap works', async () => {
  await spark.load(large)
  await spark.cluster.faults.recipe(large, 'fail-at-load')
  await spark.cluster.faults.recipe(small, 'fail-at-start')
  const view = await spark.swap(small)
  expect(view).toMatchObject({ state: 'needs_attention', result: 'none' })
  expect(view.error?.message).toMatch(/does not know the model.*could not be brought back: /)
  expect(view.error?.remedy).not.toBe('')
  expect(servers()).toEqual([])
  const attention = (await (await spark.ask('GET', '/api/attention')).json()) as { subject: string }[]
  expect(attention.map(({ subject }) => subject)).toContain(`swap:${view.id}`)
  await spark.cluster.faults.clear()
  expect((await spark.swap(small)).state).toBe('done')
})

/** A swap that stands in its load. */
async function stalling(recipe: string): Promise<string> {
  await spark.cluster.faults.recipe(recipe, 'stall-at-load')
  const job = await spark.start(recipe)
  await reached(job, 'load')
  return job
}

async function reached(job: string, phase: string) {
  await until(`${job} to reach ${phase}`, async () => {
    const view = (await (await spark.ask('GET', `/api/swap/${job}`)).json()) as JobView
    return view.phase === phase ? true : null
  })
}

async function cancel(job: string) {
  expect((await spark.ask('DELETE', `/api/swap/${job}`)).ok).toBe(true)
}

async function serves(recipe: string) {
  expect(servers().map((each) => each.recipe)).toEqual([recipe])
  const messages = [{ role: 'user', content: 'Hello' }]
  const answer = await spark.ask('POST', '/v1/chat/completions', { model: recipe, messages, max_tokens: 4 })
  expect(answer.status).toBe(200)
  await answer.body?.cancel()
}

function servers() {
  return spark.cluster.processes().filter(({ service }) => service === 'llm')
}
