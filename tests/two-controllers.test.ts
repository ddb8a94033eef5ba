import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finalStates, type JobView } from '../core/jobs/job'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { large, small, until } from './cluster'
import { type Program, program } from './program'

interface Controller {
  process: Program
  data: string
  url: string
}

const folders: string[] = []
const controllers: Controller[] = []
let cluster: SimulatedCluster

setDefaultTimeout(90_000)
beforeAll(async () => {
  const firstAddress = `127.4.${process.pid % 250}.11`
  cluster = await simulatedCluster({ speed: 16, ports: 'free', firstAddress, loaded: small })
})
afterAll(async () => {
  await cluster.stop()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
afterEach(async () => {
  for (const each of controllers.splice(0)) await ended(each, 'SIGKILL')
})

test('of two controllers the one that swaps later has its way, and the other ends its swap and says why', async () => {
  const [first, second] = [await controller(), await controller()]
  const older = await swap(first, await other())
  await reached(first, older, 'load')
  const recipe = await other()
  const newer = await swap(second, recipe)
  expect(await end(second, newer)).toMatchObject({ state: 'done', recipe })
  const view = await end(first, older)
  expect(view).toMatchObject({ state: 'failed', error: { code: 'superseded' } })
  expect(view.error?.message).toContain('another controller has swapped here since')
  expect(running()).toEqual([recipe])
})

test('a controller that stood still in its swap changes nothing when it goes on after another has swapped', async () => {
  const [first, second] = [await controller(), await controller()]
  const older = await swap(first, await other())
  await reached(first, older, 'stop')
  first.process.kill('SIGSTOP')
  const recipe = running()[0] === small ? large : small
  const newer = await swap(second, recipe)
  expect(await end(second, newer)).toMatchObject({ state: 'done', recipe })
  const [before] = engines()
  first.process.kill('SIGCONT')
  expect(await end(first, older)).toMatchObject({ state: 'failed', error: { code: 'superseded' } })
  expect(engines().map(({ pid }) => pid)).toEqual([before?.pid ?? 0])
})

test('a data directory that is put back from the midst of a swap that is long over launches nothing, and the next swap works', async () => {
  const one = await controller()
  const job = await swap(one, await other())
  await reached(one, job, 'launch')
  await ended(one, 'SIGKILL')
  const old = folder()
  cpSync(one.data, old, { recursive: true })
  const again = await controller(one.data)
  expect((await end(again, job)).state).toBe('done')
  const recipe = await other()
  expect(await end(again, await swap(again, recipe))).toMatchObject({ state: 'done' })
  await ended(again, 'SIGTERM')
  const [before] = engines()

  const restored = await controller(old)
  expect(await end(restored, job)).toMatchObject({ state: 'failed', error: { code: 'superseded' } })
  expect(engines().map(({ pid }) => pid)).toEqual([before?.pid ?? 0])
  const next = await other()
  expect(await end(restored, await swap(restored, next))).toMatchObject({ state: 'done', recipe: next })
  expect(running()).toEqual([next])
})

const engines = () => cluster.processes().filter(({ service }) => service === 'llm')
const running = () => engines().map(({ recipe }) => recipe ?? '')

/** The recipe that does not run. */
async function other(): Promise<string> {
  const now = await until('a model to run', () => running()[0] ?? null)
  return now === small ? large : small
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'spark-two-'))
  folders.push(made)
  return made
}

async function controller(data = folder()): Promise<Controller> {
  const process = program(['serve', '--config', cluster.configPath, '--data', data, '--port', '0'])
  const made = { process, data, url: await process.line(/^ready (\S+)$/) }
  controllers.push(made)
  await until('the Sparks to be seen', async () => {
    const { hosts } = await (await fetch(`${made.url}/api/cluster`)).json()
    return hosts.every(({ state }: { state: string }) => state === 'up') ? true : null
  })
  return made
}

async function ended({ process }: Controller, signal: NodeJS.Signals) {
  process.kill('SIGCONT')
  process.kill(signal)
  await process.exited
}

function swap({ url }: Controller, recipe: string): Promise<string> {
  return until(`a swap to ${recipe}`, async () => {
    const answer = await fetch(`${url}/api/swap`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ recipe }),
    })
    return answer.status === 202 ? ((await answer.json()) as { job: string }).job : null
  })
}

async function look({ url }: Controller, job: string): Promise<JobView> {
  return (await (await fetch(`${url}/api/swap/${job}`)).json()) as JobView
}

async function reached(from: Controller, job: string, phase: string) {
  await until(`${job} to reach ${phase}`, async () => {
    const { phases } = await look(from, job)
    return phases.find(({ name }) => name === phase)?.state !== 'pending' ? true : null
  })
}

function end(from: Controller, job: string): Promise<JobView> {
  return until(
    `${job} to end`,
    async () => {
      const view = await look(from, job)
      return finalStates.includes(view.state) ? view : null
    },
    60_000,
  )
}
