import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobView } from '../core/jobs/job'
import type { RunningProcess } from '../demo/running'
import { large, small, type TestCluster, testCluster, until } from './cluster'
import { serverSent } from './server-sent'

const spanning = 'minimax-m2.7-awq'
const notOnDisk = 'gpt-oss-20b'
let spark: TestCluster

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster()
  await spark.settled()
})
afterAll(() => spark.stop())

// Nothing loaded: what a test leaves running is not what the next one begins with.
beforeEach(() => spark.load(null))
afterEach(() => spark.cluster.faults.clear())

test('POST /api/swap/plan tells what would stop, what is needed and what would be run, and does none of it', async () => {
  await spark.load(small)
  const before = spark.cluster.processes().filter(ofModels)
  const answer = await spark.ask('POST', '/api/swap/plan', { recipe: large })
  const plan = await answer.json()
  expect(answer.status).toBe(200)
  expect(plan).toMatchObject({ possible: true, reason: null, stops: [{ service: 'llm', recipe: small }] })
  expect(plan.memory['spark-1'].needs_bytes).toBeGreaterThan(2 ** 30)
  expect(plan.memory['spark-1'].available_bytes).toBeGreaterThan(plan.memory['spark-1'].needs_bytes)
  expect(plan.commands.map(({ command }: { command: string }) => command).join('\n')).toContain('launch-cluster.sh')
  expect(plan.eta_s).toBeGreaterThan(0)
  expect(pids(spark.cluster.processes().filter(ofModels))).toEqual(pids(before))
})

test('a swap ends done with the model answering, and its bar never falls', async () => {
  const job = await spark.start(small)
  const events = serverSent(await spark.ask('GET', `/api/swap/${job}/events`))
  const views: JobView[] = []
  for await (const { data } of events) views.push(JSON.parse(data))
  const bar = views.map(({ progress }) => progress)
  expect(bar).toEqual(bar.toSorted((a, b) => a - b))
  expect(new Set(bar).size).toBeGreaterThan(4)
  expect(bar.every((each) => each >= 0 && each <= 1)).toBe(true)
  expect(views.at(-1)).toMatchObject({ id: job, state: 'done', recipe: small, progress: 1, error: null })
  expect(views.at(-1)?.phases.map(({ state }) => state)).toEqual(Array(9).fill('done'))
  expect(await said(small)).toBeGreaterThan(0)
  expect(servers()).toEqual([
    expect.objectContaining({ host: 'spark-1', recipe: small, port: spark.cluster.ports.llm }),
  ])
})

test('a swap from one model to another ends the first and serves the second', async () => {
  await spark.load(small)
  const view = await spark.swap(large)
  expect(view).toMatchObject({ state: 'done', recipe: large, previous: small })
  expect(servers().map(({ recipe }) => recipe)).toEqual([large])
  expect(await said(large)).toBeGreaterThan(0)
  expect((await chat(small)).status).toBe(503)
})

test('a second swap during the first is refused with the job that runs', async () => {
  await spark.cluster.faults.recipe(large, 'stall-at-load')
  const job = await spark.start(large)
  for (const recipe of [small, large, null]) {
    const answer = await spark.ask('POST', '/api/swap', { recipe })
    expect(answer.status).toBe(409)
    expect((await answer.json()).error).toMatchObject({ code: 'swap_running', job })
  }
  await spark.ask('DELETE', `/api/swap/${job}`)
  expect((await spark.ended(job)).state).toBe('cancelled')
})

test('of many swaps asked for at once exactly one is accepted', async () => {
  const asked = [small, large, small, large, small, large].map((recipe) => spark.ask('POST', '/api/swap', { recipe }))
  const answers = await Promise.all(asked)
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409, 409, 409, 409])
  const bodies = await Promise.all(answers.map((answer) => answer.json()))
  const { job } = bodies.find((body) => body.job !== undefined)
  expect((await spark.ended(job)).state).toBe('done')
  expect(servers()).toHaveLength(1)
})

test('a swap to what is loaded starts nothing', async () => {
  await spark.load(small)
  const answer = await spark.ask('POST', '/api/swap', { recipe: small })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ job: null, model: { service: 'llm', recipe: small } })
})

test('a recipe, a job or a service that is not there is 404', async () => {
  const missing: [string, string, unknown?][] = [
    ['POST', '/api/swap', { recipe: 'no-such-recipe' }],
    ['POST', '/api/swap/plan', { recipe: 'no-such-recipe' }],
    ['POST', '/api/swap', { recipe: small, service: 'embed' }],
    ['GET', '/api/swap/swap-0'],
    ['GET', '/api/swap/swap-0/events'],
    ['DELETE', '/api/swap/swap-0'],
  ]
  for (const [method, path, body] of missing) expect((await spark.ask(method, path, body)).status).toBe(404)
})

test('a model that is not on the disk is 422 with the reason, and what ran goes on', async () => {
  await spark.load(small)
  const answer = await spark.ask('POST', '/api/swap', { recipe: notOnDisk })
  const { error } = await answer.json()
  expect(answer.status).toBe(422)
  expect(error.reason).toContain('is not on spark-1')
  expect(error.param).toBe('/recipe')
  const plan = await (await spark.ask('POST', '/api/swap/plan', { recipe: notOnDisk })).json()
  expect(plan).toMatchObject({ possible: false, reason: error.reason, commands: [] })
  expect(servers().map(({ recipe }) => recipe)).toEqual([small])
})

test('a recipe for two Sparks runs on both, and a swap away from it leaves none of it on either', async () => {
  expect(await spark.swap(spanning)).toMatchObject({ state: 'done', recipe: spanning })
  expect(
    new Set(
      spark.cluster
        .processes()
        .filter(ofModels)
        .map(({ host }) => host),
    ),
  ).toEqual(new Set(['spark-1', 'spark-2']))
  expect(await said(spanning)).toBeGreaterThan(0)
  expect(await spark.swap(small)).toMatchObject({ state: 'done', previous: spanning })
  const left = spark.cluster.processes().filter(ofModels)
  expect(new Set(left.map(({ host }) => host))).toEqual(new Set(['spark-1']))
  expect(await containers('spark-2')).not.toContain('vllm_node')
})

test('`recipe: null` unloads, and asking again starts nothing', async () => {
  await spark.load(small)
  expect(await spark.swap(null)).toMatchObject({ state: 'done', recipe: null, previous: small })
  expect(servers()).toEqual([])
  expect(await containers('spark-1')).not.toContain('vllm_node')
  const again = await spark.ask('POST', '/api/swap', { recipe: null })
  expect(again.status).toBe(200)
  expect(await again.json()).toEqual({ job: null, model: null })
})

test('a job that is no swap is none under /api/swap, and goes on', async () => {
  const { job } = await (await spark.ask('POST', '/api/services/comfy/restart')).json()
  const answers = [
    await spark.ask('GET', `/api/swap/${job}`),
    await spark.ask('GET', `/api/swap/${job}/events`),
    await spark.ask('DELETE', `/api/swap/${job}`),
  ]
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
  const view = await until('its end', async () => {
    const seen = (await (await spark.ask('GET', `/api/jobs/${job}`)).json()) as JobView
    return seen.ended_at ? seen : null
  })
  expect(view.state).toBe('done')
})

test('one Idempotency-Key is one job, during it and after it', async () => {
  const key = { 'idempotency-key': crypto.randomUUID() }
  const first = await spark.ask('POST', '/api/swap', { recipe: small }, key)
  const { job } = await first.json()
  expect(first.status).toBe(202)
  expect(await (await spark.ask('POST', '/api/swap', { recipe: small }, key)).json()).toEqual({ job })
  await spark.ended(job)
  expect(await (await spark.ask('POST', '/api/swap', { recipe: small }, key)).json()).toEqual({ job })
})

test('one Idempotency-Key sent many times at once is one job', async () => {
  const key = { 'idempotency-key': crypto.randomUUID() }
  const asked = Array.from({ length: 5 }, () => spark.ask('POST', '/api/swap', { recipe: small }, key))
  const answers = await Promise.all((await Promise.all(asked)).map(async (each) => [each.status, await each.json()]))
  const [, { job }] = answers[0] ?? []
  expect(answers).toEqual(Array(5).fill([202, { job }]))
  expect((await spark.ended(job)).state).toBe('done')
})

test.each([
  ['fail-at-start', /does not know the model/],
  ['fail-at-load', /memory/],
  ['wrong-model', /serves .* instead of/],
] as const)(
  'a launch with %s fails with its cause in plain words, and leaves nothing running',
  async (fault, cause) => {
    await spark.cluster.faults.recipe(small, fault)
    const view = await spark.swap(small)
    expect(view.state).toBe('failed')
    expect(view.error?.message).toMatch(cause)
    expect(view.error?.message).not.toContain('Traceback')
    expect(view.error?.remedy).not.toBe('')
    expect(view.log_tail.length).toBeGreaterThan(0)
    await nothingLeft()
    await spark.cluster.faults.clear()
    expect((await spark.swap(small)).state).toBe('done')
  },
  60_000,
)

test('a swap that is cancelled in the load ends cancelled with nothing left running', async () => {
  await spark.cluster.faults.recipe(large, 'stall-at-load')
  const job = await spark.start(large)
  await until('the load to begin', async () => {
    const { phase, log_tail: log } = (await (await spark.ask('GET', `/api/swap/${job}`)).json()) as JobView
    return phase === 'load' && log.length > 0 ? true : null
  })
  expect(spark.cluster.processes().filter(ofModels)).not.toEqual([])
  expect((await spark.ask('DELETE', `/api/swap/${job}`)).ok).toBe(true)
  const view = await spark.ended(job)
  expect(view).toMatchObject({ state: 'cancelled', recipe: large, error: null })
  await nothingLeft()
  expect((await (await spark.ask('GET', '/api/cluster')).json()).model).toBeNull()
})

test('a swap that is cancelled while its launcher works leaves nothing that comes up afterwards', async () => {
  const launcher = join(spark.cluster.hosts[0]?.home ?? '', 'spark-vllm-docker/launch-cluster.sh')
  const program = readFileSync(launcher, 'utf8')
  writeFileSync(launcher, program.replace('\n', '\necho begun; sleep 3\n'), { mode: 0o755 })
  try {
    const job = await spark.start(large)
    await until('the launcher to begin', async () => {
      const { log_tail: log } = (await (await spark.ask('GET', `/api/swap/${job}`)).json()) as JobView
      return log.includes('begun') ? true : null
    })
    await spark.ask('DELETE', `/api/swap/${job}`)
    expect((await spark.ended(job)).state).toBe('cancelled')
    // Longer than the launcher would have slept.
    await Bun.sleep(4000)
    await nothingLeft()
  } finally {
    writeFileSync(launcher, program, { mode: 0o755 })
  }
})

function ofModels({ container, args }: RunningProcess): boolean {
  return container === 'vllm_node' || args.includes('spark-control-job') || args.join(' ').startsWith('docker logs')
}

// The wrapper of a launch notices within seconds that its container is gone.
async function nothingLeft() {
  expect(spark.cluster.processes().filter(({ container }) => container === 'vllm_node')).toEqual([])
  await until('the launch to leave nothing', () => (spark.cluster.processes().some(ofModels) ? null : true))
}

function servers(): RunningProcess[] {
  return spark.cluster.processes().filter(({ service }) => service === 'llm')
}

function pids(processes: RunningProcess[]): number[] {
  return processes.map(({ pid }) => pid).toSorted((a, b) => a - b)
}

function chat(model: string): Promise<Response> {
  const messages = [{ role: 'user', content: 'Hello' }]
  return spark.ask('POST', '/v1/chat/completions', { model, messages, max_tokens: 16 })
}

/** Tokens of an answer. */
async function said(model: string): Promise<number> {
  const answer = await chat(model)
  expect(answer.status).toBe(200)
  return (await answer.json()).usage.completion_tokens
}

async function containers(host: string): Promise<string> {
  const simulated = spark.cluster.hosts.find(({ id }) => id === host)
  return (await simulated?.run('docker ps -a'))?.stdout ?? ''
}
