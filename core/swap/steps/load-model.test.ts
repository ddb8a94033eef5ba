import { afterAll, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NotConnectedError } from '../../cluster/remote-commands'
import { sampleHost, sampleService } from '../../config/declared.sample'
import { sampleRecipe } from '../../models/recipe.sample'
import { claimFence } from './fence'
import { servedNow, wrongModel } from './first-token'
import { followLoad, launchModel, proveModel } from './load-model'
import { localHost } from './local-host.sample'
import { type StepContext, StepError, SupersededError, type SwapHost, swapLimits } from './step'
import { stepContext } from './step-context.sample'

const scratch = mkdtempSync(join(tmpdir(), 'spark-load-'))
let serves: string | null = null
const engine = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request) {
    if (serves === null) return new Response('not yet', { status: 503 })
    if (!request.url.endsWith('/v1/models')) return Response.json({ choices: [{ text: 'x' }] })
    return Response.json({ data: [{ id: serves, root: serves }] })
  },
})
beforeEach(() => {
  serves = null
})
afterAll(async () => {
  await engine.stop(true)
  rmSync(scratch, { recursive: true, force: true })
})

let count = 0
/** A launch of a script that prints its words and is up until `ended` is there; `live` may be changed. */
async function launch({ words = 'loading', code = 0 } = {}) {
  const home = join(scratch, String(++count))
  mkdirSync(home)
  const file = (name: string, text: string) => writeFileSync(join(home, name), text, { mode: 0o755 })
  file('start', `#!/bin/sh\necho ${words}\nexit ${code}\n`)
  file('status', '#!/bin/sh\n[ ! -e ended ]\n')
  const live = localHost(home)
  const script = { folder: home, start: ['./start'], stop: ['true'], status: ['./status'], log: null }
  const order = {
    recipe: sampleRecipe({ id: 'mine', runtime: 'script', script }),
    service: sampleService('llm', { hosts: [sampleHost()], port: engine.port ?? 0 }),
    utilization: null,
    memory: {},
    weights: null,
  }
  const logged: string[] = []
  const context = (host: SwapHost = live): StepContext =>
    stepContext({ hosts: new Map([['spark-1', host]]), log: (lines) => logged.push(...lines) })
  await claimFence(live, 1, 'swap-1')
  await launchModel(order, 'swap-1', context())
  const directory = join(home, '.spark-control/jobs/swap-1')
  while (!existsSync(join(directory, 'pid'))) await Bun.sleep(5)
  const follow = (with_ = context(), limits = swapLimits) => followLoad(order, 'swap-1', with_, limits)
  const finish = () => writeFileSync(join(directory, 'done'), '')
  return { live, home, order, context, directory, follow, finish, logged }
}

async function failure(act: Promise<unknown>): Promise<StepError> {
  const error = await act.catch((each) => each)
  if (!(error instanceof StepError)) throw new Error(`it should have failed, but: ${error}`)
  return error
}

test('a load ends when its engine answers, and is done with a token of the expected model', async () => {
  const { order, context, follow, directory } = await launch()
  serves = 'org/model'
  const served = await follow()
  await proveModel(order, 'swap-1', served, context())
  expect(readFileSync(join(directory, 'done'), 'utf8')).toBe('')
})

test('an engine that serves another model is no success', async () => {
  const { order, context, follow, finish } = await launch()
  serves = 'org/other'
  const { reason } = await failure(proveModel(order, 'swap-1', await follow(), context()))
  expect(reason).toMatchObject({
    code: 'wrong_model',
    message: 'the engine serves org/other instead of org/model',
  })
  finish()
})

test('an engine that lists no model is not loaded, and many names of others are cut', async () => {
  const ask = (text: string) => () => Promise.resolve({ status: 200, text, tookMs: 1 })
  expect(await servedNow(ask('{"data":[]}'))).toBeNull()
  const names = wrongModel([{ id: 'x', root: 'x'.repeat(1000) }], 'org/model')?.message
  expect(names).toBe(`the engine serves ${'x'.repeat(200)} instead of org/model`)
})

test('a model that was proved already is loaded, though it does not answer for a while', async () => {
  const { live, order, context, follow, directory } = await launch()
  serves = 'org/model'
  await proveModel(order, 'swap-1', await follow(), context())
  while (!existsSync(join(directory, 'rc'))) await Bun.sleep(20)
  expect(readFileSync(join(directory, 'rc'), 'utf8')).toBe('0\n')
  serves = null
  let looks = 0
  const later: SwapHost = {
    ...live,
    run(argv, options) {
      if (++looks === 5) serves = 'org/model'
      return live.run(argv, options)
    },
  }
  expect(await follow(context(later))).toEqual([{ id: 'org/model', root: 'org/model' }])
  serves = null
  expect((await failure(follow())).reason.code).toBe('stalled')
}, 30_000)

test('a launcher that fails at once is told by its log', async () => {
  const { follow, logged } = await launch({ words: 'vllm: error: unrecognized arguments: --nonsense', code: 2 })
  expect((await failure(follow())).reason.code).toBe('bad_argument')
  expect(logged).toEqual(['vllm: error: unrecognized arguments: --nonsense'])
})

test('a link that is gone for ten minutes costs a load nothing', async () => {
  const { live, context, follow, finish } = await launch()
  let base = context()
  const { clock } = base
  const away: SwapHost = {
    ...live,
    run(argv, options) {
      if (clock.rising() < 600_000) return Promise.reject(new NotConnectedError('it was lost'))
      if (clock.rising() > 700_000) serves = 'org/model'
      return live.run(argv, options)
    },
  }
  base = { ...base, hosts: new Map([['spark-1', away]]) }
  expect(await follow(base)).toEqual([{ id: 'org/model', root: 'org/model' }])
  finish()
}, 20_000)

test('a head that stays out of reach, or refuses, fails the load by name', async () => {
  const { live, context, follow, finish } = await launch()
  const lost = { cause: 'it was lost', remedy: 'look at its cable' }
  const run = () => Promise.reject(new NotConnectedError('it was lost'))
  const away: SwapHost = { ...live, run, link: { state: 'unreachable', code: 'link_lost', since: 0, ...lost } }
  const gone = await failure(follow(context(away), { ...swapLimits, linkS: 60 }))
  expect(gone.reason).toEqual({
    code: 'host_unreachable',
    message: 'spark-1 stays out of reach: it was lost',
    remedy: 'look at its cable',
  })
  const refusing: SwapHost = { ...away, link: { state: 'refused', code: 'key_refused', since: 0, ...lost } }
  expect((await failure(follow(context(refusing)))).reason.code).toBe('host_refused')
  finish()
})

test('a Spark that restarts in a load fails it', async () => {
  const { follow, directory, finish } = await launch()
  writeFileSync(join(directory, 'boot_id'), 'another\n')
  expect((await failure(follow())).reason).toMatchObject({
    code: 'host_restarted',
    message: 'spark-1 has restarted while loading',
  })
  finish()
})

test('a load without a new line stalls, one that prints on for ever ends at its limit', async () => {
  const { context, live, follow, finish } = await launch()
  const limits = { ...swapLimits, quietS: 20, loadS: 60 }
  expect((await failure(follow(context(), limits))).reason.code).toBe('stalled')
  let printed = 0
  const chatty: SwapHost = {
    ...live,
    run: async (argv, options) => {
      const answer = await live.run(argv, options)
      const line = `line ${++printed}\n`
      return { ...answer, stdout: answer.stdout + line, stdoutBytes: answer.stdoutBytes + line.length }
    },
  }
  expect((await failure(follow(context(chatty), limits))).reason.code).toBe('load_endless')
  finish()
}, 20_000)

test('a load that another controller superseded says so', async () => {
  const { live, follow, directory } = await launch()
  await claimFence(live, 2, 'swap-2')
  while (!existsSync(join(directory, 'rc'))) await Bun.sleep(20)
  expect(await failure(follow())).toBeInstanceOf(SupersededError)
}, 20_000)
