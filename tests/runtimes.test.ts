import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { asker } from '../core/cluster/probe'
import type { JobView } from '../core/jobs/job'
import { launcherOf } from '../core/launchers/launchers'
import { claimFence, fenceOn } from '../core/swap/steps/fence'
import { servedNow, wrongModel } from '../core/swap/steps/first-token'
import { startLaunch } from '../core/swap/steps/job-directory'
import type { RunningProcess } from '../demo/running'
import { large, small, type TestCluster, testCluster, until } from './cluster'
import { byScript, endless, inDocker, inFront, runtimeRecipes, writePatch } from './runtime-recipes'

const recipes = runtimeRecipes()
let spark: TestCluster
let count = 0

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster({ recipes })
  for (const { home } of spark.cluster.hosts) writePatch(home)
  await spark.settled()
})
afterAll(async () => {
  await spark.stop()
  rmSync(dirname(recipes), { recursive: true, force: true })
})
afterEach(() => spark.cluster.faults.clear())

test('a swap goes to an image that docker runs as it is, and from there to the launcher and back', async () => {
  for (const [recipe, previous] of [
    [inDocker, null],
    [small, inDocker],
    [inDocker, small],
  ] as const) {
    const view = await spark.swap(recipe)
    expect(view).toMatchObject({ state: 'done', recipe, previous, error: null })
    expect(servers()).toHaveLength(1)
    expect(await said(recipe)).toBeGreaterThan(0)
  }
  const { stdout } = await onHead('docker inspect vllm_node')
  const [container] = JSON.parse(stdout)
  expect(container.Config.Entrypoint).toEqual(['vllm', 'serve'])
  expect(container.HostConfig.AutoRemove).toBe(false)
  expect(container.HostConfig.Binds[1]).toEndWith('/spark-vllm-docker/patches/llama.py:/patched/llama.py')
})

test('a swap goes to a script of the owner and tells its log, and a swap away leaves none of it', async () => {
  await spark.load(small)
  const view = await spark.swap(byScript)
  expect(view).toMatchObject({ state: 'done', recipe: byScript, error: null })
  expect(view.log_tail.join('\n')).toContain('starting nvidia/Llama-3.1-8B-Instruct-FP8')
  expect(servers()).toEqual([expect.objectContaining({ container: null, port: spark.cluster.ports.llm })])
  expect(await said(byScript)).toBeGreaterThan(0)
  expect((await onHead('docker ps -a')).stdout).not.toContain('vllm_node')
  expect(await spark.swap(inDocker)).toMatchObject({ state: 'done', previous: byScript })
  expect(servers().map(({ container }) => container)).toEqual(['vllm_node'])
  expect((await onHead('cd ~/my-server && ./status.sh')).code).toBe(1)
  expect((await spark.swap(byScript)).state).toBe('done')
  expect(await spark.swap(null)).toMatchObject({ state: 'done' })
  expect(servers()).toEqual([])
})

test('a script that stays, and is found by its name, is started and ended like one that returns', async () => {
  await spark.load(null)
  const view = await spark.swap(inFront)
  expect(view).toMatchObject({ state: 'done', error: null })
  expect(view.log_tail.join('\n')).toContain('vLLM API server version')
  expect(await spark.swap(small)).toMatchObject({ state: 'done', previous: inFront })
  expect(servers().map(({ container }) => container)).toEqual(['vllm_node'])
})

test.each([inDocker, byScript])(
  '%s that fails while it loads fails with its cause and leaves nothing',
  async (recipe) => {
    await spark.load(null)
    await spark.cluster.faults.recipe(small, 'fail-at-load')
    const view = await spark.swap(recipe)
    expect(view).toMatchObject({ state: 'failed', error: { code: 'out_of_memory' } })
    await nothingLeft()
  },
)

test.each([inDocker, byScript])('%s that is cancelled while it loads leaves nothing', async (recipe) => {
  await spark.load(null)
  await loading(recipe)
  const { id } = (await (await spark.ask('GET', '/api/swap')).json()) as JobView
  await spark.ask('DELETE', `/api/swap/${id}`)
  expect(await spark.ended(id)).toMatchObject({ state: 'cancelled', error: null })
  await nothingLeft()
})

test('a container that is killed while it loads tells so by its exit code', async () => {
  await spark.load(null)
  const job = await loading(inDocker)
  for (const { pid } of servers()) process.kill(pid, 'SIGKILL')
  const { state, error } = await spark.ended(job)
  expect(state).toBe('failed')
  expect(error).toMatchObject({
    code: 'out_of_memory',
    message: 'the engine was killed, for want of memory as it seems',
  })
  await nothingLeft()
})

test.each([
  ['llama-no-image', /image vllm\/vllm-openai:nowhere is not on spark-1/, /docker pull vllm\/vllm-openai:nowhere/],
  ['llama-no-mod', /~\/no-such-mod.zip is not on spark-1/, /put it there, as a folder with run.sh/],
  ['llama-no-patch', /~\/no-such.py is not on spark-1/, /put it there/],
])('%s is refused before anything is stopped', async (recipe, problem, remedy) => {
  await spark.load(small)
  const before = servers()
  const { state, error } = await spark.swap(recipe)
  expect(state).toBe('failed')
  expect(error?.message).toMatch(problem)
  expect(error?.remedy).toMatch(remedy)
  expect(servers()).toEqual(before)
})

test('an image that differs between the Sparks is told before anything is stopped', async () => {
  await spark.load(small)
  const before = servers()
  const images = join(spark.cluster.hosts[1]?.directory ?? '', 'state/images.json')
  const text = readFileSync(images, 'utf8')
  const other = JSON.parse(text).map((image: object) => ({ ...image, id: `sha256:${'a'.repeat(64)}` }))
  writeFileSync(images, JSON.stringify(other))
  try {
    const { state, error } = await spark.swap('minimax-m2.7-awq')
    expect(state).toBe('failed')
    expect(error?.message).toBe('image vllm-node on spark-2 is not the one on spark-1')
    expect(error?.remedy).toContain('--copy-to 192.168.177.12')
    expect(servers()).toEqual(before)
  } finally {
    writeFileSync(images, text)
  }
})

test('a script whose server does not end is told with what to type, and nothing is launched beside it', async () => {
  await spark.load(endless)
  const { state, error } = await spark.swap(large)
  expect(state).toBe('failed')
  expect(error).toMatchObject({ code: 'not_stopped', message: `the server of ${endless} on spark-1 does not end` })
  expect(error?.remedy).toContain("env -C '~/my-server' true")
  expect(servers().map(({ container }) => container)).toEqual([null])
  await onHead('cd ~/my-server && ./stop.sh')
  await spark.load(null)
})

test('a script whose folder was removed bars no swap once nothing answers on its port', async () => {
  await spark.load(byScript)
  await onHead('mv my-server removed-server')
  try {
    const { state, error } = await spark.swap(large)
    expect([state, error?.code]).toEqual(['failed', 'stop_unproven'])
    expect(error?.remedy).toStartWith(`end what answers on port ${spark.cluster.ports.llm} there`)
    await onHead('cd removed-server && ./stop.sh')
    expect(await spark.swap(inDocker)).toMatchObject({ state: 'done', error: null })
  } finally {
    await onHead('mv removed-server my-server')
  }
})

test.each([
  ['another cache, for the launcher', 'models', small, 'hub'],
  ['another cache, for docker', 'huggingface/hub', inDocker, 'hub'],
  ['a plain folder, for the launcher', 'tunes/mine', small, 'folder'],
  ['a plain folder, for docker', 'tunes/mine', inDocker, 'folder'],
] as const)('weights that lie in %s, are found there', async (_, place, id, layout) => {
  await spark.load(null)
  const [head] = spark.cluster.hosts
  const path = join(head?.home ?? '', 'elsewhere', place)
  const own = join(head?.home ?? '', '.cache/huggingface/hub/models--nvidia--Llama-3.1-8B-Instruct-FP8')
  await onHead(`rm -rf elsewhere && mkdir -p '${path}'`)
  await onHead(layout === 'hub' ? `cp -r '${own}' '${path}'` : `cp -rL '${own}'/snapshots/*/. '${path}'`)
  await onHead(`mv '${own}' '${own}.away'`)
  try {
    const { runtime } = spark.plane
    const service = runtime.swappable[0]
    const recipe = runtime.recipes.find((each) => each.id === id)
    const live = runtime.hosts.get('spark-1')
    if (!service || !recipe || !live) throw new Error('the service, the recipe and the host should be there')
    const work = launcherOf(recipe).work({ recipe, service, utilization: 0.25, memory: {}, weights: { layout, path } })
    const job = `elsewhere-${++count}`
    const fence = (await fenceOn(live)) + 1
    await claimFence(live, fence, job)
    await startLaunch(live, job, work, { fence, job, signal: new AbortController().signal })
    await until('the model to be up', async () => {
      const served = await servedNow(asker(live.address ?? '', service.port, 3000))
      return served && !wrongModel(served, recipe.repo) ? true : null
    })
    expect(servers()[0]?.args.join(' ')).toContain('--gpu-memory-utilization 0.25')
  } finally {
    await onHead(`rm -rf elsewhere && mv '${own}.away' '${own}'`)
    await onHead('docker rm -f vllm_node')
  }
})

/** A swap to a recipe that stands still in the midst of its load; its job. */
async function loading(recipe: string): Promise<string> {
  await spark.cluster.faults.recipe(small, 'stall-at-load')
  const job = await spark.start(recipe)
  await until('the load to begin', async () => {
    const { phase, log_tail: log } = (await (await spark.ask('GET', `/api/swap/${job}`)).json()) as JobView
    return phase === 'load' && log.some((line) => line.includes('Loading safetensors')) ? true : null
  })
  return job
}

async function nothingLeft() {
  expect(servers()).toEqual([])
  expect((await onHead('docker ps -a')).stdout).not.toContain('vllm_node')
  await until('the launch to leave nothing', () => (spark.cluster.processes().some(ofLaunch) ? null : true))
}

function ofLaunch({ container, args }: RunningProcess): boolean {
  return container === 'vllm_node' || /spark-control-job|docker logs|tail -n 0 -F/.test(args.join(' '))
}

function servers(): RunningProcess[] {
  return spark.cluster.processes().filter(({ service }) => service === 'llm')
}

async function onHead(command: string) {
  const [head] = spark.cluster.hosts
  if (!head) throw new Error('there is no head')
  return head.run(command)
}

/** Tokens of an answer. */
async function said(model: string): Promise<number> {
  const messages = [{ role: 'user', content: 'Hello' }]
  const answer = await spark.ask('POST', '/v1/chat/completions', { model, messages, max_tokens: 16 })
  expect(answer.status).toBe(200)
  return (await answer.json()).usage.completion_tokens
}
