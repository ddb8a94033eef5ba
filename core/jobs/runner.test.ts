import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hub } from '../events/hub'
import { openStore } from '../store/store'
import type { JobView } from './job'
import { jobFailure } from './job-failure'
import { journal } from './journal'
import { ActionRunningError, type JobPhase, type Runner, runner } from './runner'

let folder: string
let store: ReturnType<typeof openStore>
const phasesAgain = new Map<string, JobPhase[]>()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spark-runner-'))
  store = openStore(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

function parts() {
  const events = hub()
  const jobs = journal(store)
  const published: JobView[] = []
  events.subscribe(({ data }) => published.push(data as JobView))
  const made = runner({
    journal: jobs,
    hub: events,
    log: (_, error) => {
      throw error
    },
    phasesOf: ({ action }) => phasesAgain.get(action ?? '') ?? null,
  })
  return { made, jobs, published }
}

const phase = (name: string, run: JobPhase['run'] = async () => {}): JobPhase => ({ name, title: name, run })
const asked = (phases: JobPhase[], service = 'comfy') => ({
  subject: { service },
  action: 'restart',
  title: `Restart ${service}`,
  phases,
  request: {},
})

async function ended(made: Runner, jobs: ReturnType<typeof journal>, id: string): Promise<JobView> {
  while (made.running().some((each) => each.id === id)) await Bun.sleep(2)
  const view = jobs.get(id)
  if (!view) throw new Error(`${id}: not in the journal`)
  return view
}

test('runner() walks the phases in order and publishes a bar that never falls', async () => {
  const { made, jobs, published } = parts()
  const order: string[] = []
  const { id } = made.start(
    asked([
      phase('one', async ({ report, log }) => {
        order.push('one')
        report(0.5, 'half')
        log(['a line'])
      }),
      phase('two', async () => void order.push('two')),
    ]),
  )
  const view = await ended(made, jobs, id)
  expect(order).toEqual(['one', 'two'])
  expect(view).toMatchObject({ state: 'done', progress: 1, error: null, log_tail: ['a line'], action: 'restart' })
  expect(view.phases.map(({ state, detail }) => [state, detail])).toEqual([
    ['done', 'half'],
    ['done', null],
  ])
  const bar = published.map(({ progress }) => progress)
  expect(bar).toEqual(bar.toSorted((a, b) => a - b))
})

test('runner() lets one action of a service run at a time, and others of other services', async () => {
  const { made, jobs } = parts()
  const gate = Promise.withResolvers<void>()
  const first = made.start(asked([phase('wait', () => gate.promise)]))
  expect(() => made.start(asked([phase('again')]))).toThrow(ActionRunningError)
  const other = made.start(asked([phase('quick')], 'embed'))
  expect((await ended(made, jobs, other.id)).state).toBe('done')
  gate.resolve()
  expect((await ended(made, jobs, first.id)).state).toBe('done')
  expect((await ended(made, jobs, made.start(asked([phase('again')])).id)).state).toBe('done')
})

test('a phase that fails ends the job with its cause and remedy, and the rest is skipped', async () => {
  const { made, jobs } = parts()
  const { id } = made.start(
    asked([
      phase('bad', async () => {
        throw jobFailure('no_such_thing', 'it is not there', 'make it')
      }),
      phase('never'),
    ]),
  )
  const view = await ended(made, jobs, id)
  expect(view.error).toEqual({ code: 'no_such_thing', message: 'it is not there', remedy: 'make it' })
  expect(view.phases.map(({ state }) => state)).toEqual(['failed', 'skipped'])
})

test('a phase that says that there is nothing more to do ends the job done', async () => {
  const { made, jobs } = parts()
  const { id } = made.start(asked([phase('look', async ({ finish }) => finish('up to date')), phase('never')]))
  const view = await ended(made, jobs, id)
  expect(view).toMatchObject({ state: 'done', progress: 1 })
  expect(view.phases.map(({ state, detail }) => [state, detail])).toEqual([
    ['done', 'up to date'],
    ['skipped', null],
  ])
})

test('cancel() ends the phase that runs by its signal', async () => {
  const { made, jobs } = parts()
  const { id } = made.start(
    asked([
      phase('wait', ({ signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))),
    ]),
  )
  made.cancel(id)
  expect(await ended(made, jobs, id)).toMatchObject({ state: 'cancelled', error: null })
})

test('a job that was let go is taken up again at the phase that ran, by the next run of the program', async () => {
  const before = parts()
  const done: string[] = []
  const hang: JobPhase['run'] = ({ signal }) =>
    new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))
  const { id } = before.made.start(asked([phase('one', async () => void done.push('one')), phase('two', hang)]))
  while (before.jobs.get(id)?.phase !== 'two') await Bun.sleep(2)
  await before.made.close()
  expect(before.jobs.get(id)).toMatchObject({ state: 'running', ended_at: null })

  phasesAgain.set('restart', [
    phase('one', async () => void done.push('one again')),
    phase('two', async () => void done.push('two')),
  ])
  const after = parts()
  after.made.resume()
  expect(await ended(after.made, after.jobs, id)).toMatchObject({ state: 'done' })
  expect(done).toEqual(['one', 'two'])
})

test('a job whose action is no longer declared asks for a person', async () => {
  const before = parts()
  phasesAgain.clear()
  const { id } = before.made.start(
    asked([phase('hang', ({ signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(1))))]),
  )
  await before.made.close()
  const after = parts()
  after.made.resume()
  expect(after.jobs.get(id)).toMatchObject({ state: 'needs_attention', error: { code: 'declaration_gone' } })
})

test('jobs of a model and of a service do not bar each other, and one of the same model does', async () => {
  const { made, jobs } = parts()
  const gate = Promise.withResolvers<void>()
  const wait = phase('wait', () => gate.promise)
  const model = {
    ...asked([wait]),
    subject: { repo: 'org/model', hosts: ['spark-1'] },
    action: 'download',
    title: 'Download org/model',
  }
  const first = made.start(model)
  expect(first).toMatchObject({ kind: 'model', repo: 'org/model', service: null })
  expect(() => made.start(model)).toThrow('Download org/model is running')
  const second = made.start(asked([wait], 'org/model'))
  gate.resolve()
  expect([(await ended(made, jobs, first.id)).state, (await ended(made, jobs, second.id)).state]).toEqual([
    'done',
    'done',
  ])
})

test('the bar moves by how long the phases are beside each other', async () => {
  const { made, jobs, published } = parts()
  const half: JobPhase['run'] = async ({ report, transfer }) => {
    report(0.5)
    transfer({ done_bytes: 1, total_bytes: 2, bytes_s: 1 }, 1)
  }
  const { id } = made.start(asked([phase('look'), { ...phase('download', half), weight: 9 }]))
  expect(await ended(made, jobs, id)).toMatchObject({ transfer: { done_bytes: 1, total_bytes: 2 }, eta_s: null })
  expect(published.map(({ progress }) => progress)).toContain(0.55)
  expect(published.some(({ eta_s }) => eta_s === 1)).toBe(true)
})

test('a phase that was begun once for all is brought to its end although it is cancelled', async () => {
  const { made, jobs } = parts()
  const gate = Promise.withResolvers<void>()
  const { id } = made.start(asked([{ ...phase('remove', () => gate.promise), irrevocable: true }]))
  made.cancel(id)
  gate.resolve()
  expect(await ended(made, jobs, id)).toMatchObject({ state: 'done' })
})

const untilAborted: JobPhase['run'] = ({ signal }) =>
  new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))

test('a cancel ends what the phase began, also when the program was killed in between', async () => {
  const before = parts()
  const { id } = before.made.start(asked([{ ...phase('get', untilAborted), abandon: untilAborted }]))
  before.made.cancel(id)
  while (before.jobs.get(id)?.ending !== 'cancelled') await Bun.sleep(2)
  await before.made.close()
  expect(before.jobs.get(id)).toMatchObject({ state: 'running', ending: 'cancelled' })

  const told: string[] = []
  const again = { ...phase('get', async () => void told.push('run')), abandon: async () => void told.push('abandon') }
  phasesAgain.set('restart', [again, phase('never', async () => void told.push('never'))])
  const after = parts()
  after.made.resume()
  expect(await ended(after.made, after.jobs, id)).toMatchObject({ state: 'cancelled', error: null })
  expect(told).toEqual(['abandon'])
})

test('a cancel that could not end what the phase began asks for a person', async () => {
  const { made, jobs } = parts()
  const abandon: JobPhase['run'] = async () => {
    throw jobFailure('host_unreachable', 'spark-1 is not reachable', 'look there')
  }
  const { id } = made.start(asked([{ ...phase('get', untilAborted), abandon }]))
  made.cancel(id)
  expect(await ended(made, jobs, id)).toMatchObject({ state: 'needs_attention', error: { code: 'host_unreachable' } })
})
