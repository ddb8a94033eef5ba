import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { finalStates, type JobView } from '../../core/jobs/job'
import { until } from '../cluster'
import { type Program, program } from '../program'
import { type Lab, labCluster } from './lab'
import { type LabRecipe, labModels, slot } from './models'
import { labObstacle } from './needs'

const obstacle = labObstacle()
if (obstacle) console.log(`swaps on real parts: skipped; ${obstacle}`)

interface Controller {
  process: Program
  url: string
}

describe.skipIf(obstacle !== null)('a swap on real sshd and real docker', () => {
  const started: Controller[] = []
  let lab: Lab
  let config: string
  let first: Controller

  setDefaultTimeout(120_000)
  beforeAll(async () => {
    lab = await labCluster()
    config = await labModels(lab)
    first = await controller('first')
  })
  afterEach(async () => {
    for (const each of started.filter((one) => one !== first)) await ended(each)
  })
  afterAll(async () => {
    for (const each of started) await ended(each)
    await lab?.stop()
  })

  test('brings a model up, and another in its place', async () => {
    expect(await swapped('other')).toMatchObject({ state: 'done', result: 'new' })
    const before = await container()
    expect(await swapped('quick')).toMatchObject({ state: 'done', result: 'new', previous: 'other' })
    expect(await engines()).toEqual(['lab/quick'])
    expect(await container()).not.toBe(before)
  })

  test('that fails brings back what ran before', async () => {
    const view = await swapped('failing')
    expect(view).toMatchObject({ state: 'rolled_back', result: 'previous', previous: 'quick' })
    expect(view.error?.message).toContain('memory')
    expect(await engines()).toEqual(['lab/quick'])
  })

  test('whose controller is killed in its load goes on where it was, and nothing is launched twice', async () => {
    const job = await swap(first, 'slow')
    await reached(first, job, 'load')
    const launched = await until('its container', container)
    first.process.kill('SIGKILL')
    await first.process.exited
    first = await controller('first')
    expect(await end(first, job)).toMatchObject({ id: job, state: 'done', result: 'new', recipe: 'slow' })
    expect([await container(), await engines()]).toEqual([launched, ['lab/slow']])
  })

  test('of a controller that stood still meanwhile changes nothing once another has swapped', async () => {
    const second = await controller('second')
    const older = await swap(first, 'other')
    await reached(first, older, 'stop')
    first.process.kill('SIGSTOP')
    const newer = await swap(second, 'quick')
    expect(await end(second, newer)).toMatchObject({ state: 'done', recipe: 'quick' })
    const launched = await container()
    first.process.kill('SIGCONT')
    expect(await end(first, older)).toMatchObject({ state: 'failed', error: { code: 'superseded' } })
    expect([await container(), await engines()]).toEqual([launched, ['lab/quick']])
  })

  test('that loses a worker in its load brings back what ran on the head alone', async () => {
    const [, worker] = lab.hosts
    if (!worker) throw new Error('lab: has no second host')
    const job = await swap(first, 'wide')
    await until('the engines to load', async () =>
      (await look(first, job)).log_tail.some((line) => line.includes('Starting to load')) ? true : null,
    )
    await worker.powerOff()
    try {
      const view = await end(first, job)
      expect(view).toMatchObject({ state: 'rolled_back', result: 'previous', error: { code: 'worker_lost' } })
      expect(await engines()).toEqual(['lab/quick'])
    } finally {
      await worker.boot()
    }
  })

  async function controller(data: string): Promise<Controller> {
    const process = program(['serve', '--config', config, '--data', join(lab.data, data), '--port', '0'])
    const made = { process, url: await process.line(/^ready (\S+)$/) }
    started.push(made)
    await until('the hosts to be seen', async () => {
      const { hosts, services } = await (await fetch(`${made.url}/api/cluster`)).json()
      const up = hosts.every(({ state }: { state: string }) => state === 'up')
      return up && services.every(({ state }: { state: string }) => state !== 'unknown') ? true : null
    })
    return made
  }

  async function ended({ process }: Controller) {
    process.kill('SIGCONT')
    process.kill('SIGKILL')
    await process.exited
  }

  async function swapped(recipe: LabRecipe): Promise<JobView> {
    return end(first, await swap(first, recipe))
  }

  async function swap({ url }: Controller, recipe: LabRecipe): Promise<string> {
    const answer = await fetch(`${url}/api/swap`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ recipe, service: slot.service }),
    })
    const body = (await answer.json()) as { job?: string; error?: { message: string } }
    if (!body.job) throw new Error(`${recipe}: was answered ${answer.status} ${body.error?.message}; a job was wanted`)
    return body.job
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
      110_000,
    )
  }

  /** Id of the container that the launcher made on the head; null while there is none. */
  async function container(): Promise<string | null> {
    const id = await lab.hosts[0]?.inside(['docker', 'ps', '-q', '--no-trunc', '--filter', `name=^${slot.container}$`])
    return id?.trim() || null
  }

  /** Models of the engines that run in it, from the process table of the host. */
  async function engines(): Promise<string[]> {
    const listed = (await lab.hosts[0]?.inside(['ps', '-ww', '-eo', 'args'])) ?? ''
    return [...listed.matchAll(/programs\/vllm\.ts serve (\S+)/g)].map(([, model = '']) => model)
  }
})
