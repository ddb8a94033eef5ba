import { Database } from 'bun:sqlite'
import { beforeEach, expect, test } from 'bun:test'
import type { Change } from '../cluster/observed'
import type { Host } from '../config/cluster'
import type { JobView } from '../jobs/job'
import { migrate, type Store } from '../store/store'
import { outbox } from './outbox'
import { type TellStates, tellStates } from './tell-states'
import { type VirtualClock, virtualClock } from './virtual-clock.sample'

const host: Host = {
  id: 'spark-1',
  title: 'Spark one',
  address: 'spark-1.lan',
  sshPort: 22,
  user: 'alice',
  launcher: null,
  fabric: null,
  models: [],
  reserveBytes: 0,
}

let store: Store
let clock: VirtualClock
let jobs: JobView[]
let states: TellStates
beforeEach(() => {
  store = new Database(':memory:', { strict: true })
  migrate(store)
  clock = virtualClock(async () => {})
  jobs = []
  states = start()
})

function start() {
  return tellStates({ outbox: outbox({ store, clock }), store, hosts: [host], jobs: () => jobs, clock })
}

const told = () =>
  store
    .query('SELECT payload FROM webhook_messages ORDER BY sequence')
    .all()
    .map((row) => JSON.parse((row as { payload: string }).payload) as { type: string; data: Record<string, unknown> })
const types = () => told().map(({ type }) => type)

async function become(
  subject: Change['subject'],
  to: string,
  { cause = null, lasts = 60_000 }: { cause?: string | null; lasts?: number } = {},
) {
  states.changed({ subject, from: '', to, at: clock.now(), cause, remedy: null })
  await clock.pass(lasts)
}
const hostBecomes = (to: string, more?: { cause?: string; lasts?: number }) => become({ host: 'spark-1' }, to, more)
const serviceBecomes = (to: string, more?: { lasts?: number }) => become({ service: 'llm', host: 'spark-1' }, to, more)

const stamp = () => new Date(clock.now()).toISOString()
const job = (view: Partial<JobView>) => [
  {
    id: 'swap-1',
    kind: 'swap',
    service: 'llm',
    recipe: 'qwen',
    created_at: stamp(),
    ended_at: null,
    ...view,
  } as JobView,
]
/** It ends now, as it was meant to. */
const end = (view: Partial<JobView> = {}) =>
  jobs.map((each) => ({ ...each, result: 'new' as const, ended_at: stamp(), ...view }))

test('changed() tells when a host ceases to work and works again, and not what it saw first', async () => {
  await hostBecomes('unknown')
  await hostBecomes('up')
  expect(types()).toEqual([])
  await hostBecomes('unreachable')
  await hostBecomes('unresponsive')
  await hostBecomes('up')
  expect(types()).toEqual(['host_down', 'host_up'])
})

test('changed() tells host, state, time and cause, without addresses and login names', async () => {
  await hostBecomes('up')
  const since = new Date(clock.now()).toISOString()
  await hostBecomes('refused', { cause: 'alice@192.0.2.11 refused the key of this controller' })
  expect(told()[0]?.data).toEqual({
    host: 'spark-1',
    state: 'refused',
    since,
    cause: 'spark-1 refused the key of this controller',
  })
  await hostBecomes('up')
  await hostBecomes('unresponsive', { cause: 'the login of alice works, but runs no commands; spark-1.lan' })
  expect(told()[2]?.data.cause).toBe('the login works, but runs no commands; spark-1')
})

test('changed() tells nothing of what did not last', async () => {
  await serviceBecomes('up')
  await serviceBecomes('down', { lasts: 1000 })
  await serviceBecomes('up')
  expect(types()).toEqual([])
  await serviceBecomes('down')
  await serviceBecomes('up', { lasts: 1000 })
  await serviceBecomes('down')
  expect(types()).toEqual(['service_down'])
})

test('changed() takes neither unknown nor starting for working or not', async () => {
  await serviceBecomes('up')
  await serviceBecomes('unknown')
  await serviceBecomes('busy')
  await serviceBecomes('starting')
  await serviceBecomes('up')
  expect(types()).toEqual([])
  await serviceBecomes('stalled')
  await serviceBecomes('starting')
  await serviceBecomes('unknown')
  expect(types()).toEqual(['service_down'])
  await serviceBecomes('up')
  expect(types()).toEqual(['service_down', 'service_up'])
})

test('changed() tells over a restart neither twice nor never', async () => {
  await hostBecomes('up')
  await serviceBecomes('up')
  await hostBecomes('unreachable')
  await serviceBecomes('stopped', { lasts: 500 })
  states.close()
  await clock.pass(60_000)
  states = start()
  await hostBecomes('unreachable')
  await serviceBecomes('stopped')
  expect(types()).toEqual(['host_down', 'service_down'])
})

test('changed() tells nothing of what a swap or an action does', async () => {
  await serviceBecomes('up')
  jobs = job({})
  await serviceBecomes('stopped')
  await serviceBecomes('up')
  await serviceBecomes('stopped')
  jobs = end({ result: 'none' })
  await clock.pass(60_000)
  expect(types()).toEqual([])
  states.close()
  states = start()
  await serviceBecomes('stopped')
  expect(types()).toEqual([])
})

test('changed() tells nothing of what is seen a moment after a job ended, or of what made room', async () => {
  await serviceBecomes('up')
  jobs = job({ kind: 'action', action: 'stop', ended_at: stamp() })
  await serviceBecomes('stopped')
  expect(types()).toEqual([])
  await serviceBecomes('up')
  jobs = job({ service: 'other', makes_room: [{ service: 'llm', recipe: null }] })
  await serviceBecomes('stopped')
  jobs = end()
  await clock.pass(60_000)
  expect(types()).toEqual(['service_up'])
  jobs = job({ service: 'other' })
  await serviceBecomes('up')
  await serviceBecomes('down')
  expect(types()).toEqual(['service_up', 'service_up', 'service_down'])
})

test.each([0, 500, 3000, 6000])('changed() tells of a crash %d ms after a load, and of its end', async (ms) => {
  await serviceBecomes('stopped')
  jobs = job({})
  await serviceBecomes('up', { lasts: ms === 500 ? 500 : 30_000 })
  jobs = end()
  await clock.pass(ms)
  await serviceBecomes('down', { lasts: 600_000 })
  await serviceBecomes('up')
  expect(types()).toEqual(['service_down', 'service_up'])
})

test('changed() tells of a crash right after a load although it works again within seconds', async () => {
  await serviceBecomes('up')
  jobs = job({})
  await serviceBecomes('stopped')
  jobs = end()
  await serviceBecomes('up', { lasts: 500 })
  await serviceBecomes('down', { lasts: 2500 })
  await serviceBecomes('up')
  expect(types()).toEqual(['service_down', 'service_up'])
})

test('changed() tells that what an action was to start does not work', async () => {
  await serviceBecomes('up')
  jobs = job({ kind: 'action', action: 'restart' })
  await serviceBecomes('down')
  expect(types()).toEqual([])
  jobs = end()
  await clock.pass(60_000)
  expect(types()).toEqual(['service_down'])
})

test('changed() tells nothing of a load that failed and brought back what was there', async () => {
  await serviceBecomes('up')
  jobs = job({})
  await serviceBecomes('stopped')
  await serviceBecomes('up')
  jobs = end({ result: 'previous' })
  await clock.pass(60_000)
  expect(types()).toEqual([])
})

test('changed() tells it later while the disk takes nothing', async () => {
  await hostBecomes('up')
  store.run('ALTER TABLE webhook_messages RENAME TO away')
  await hostBecomes('unreachable')
  store.run('ALTER TABLE away RENAME TO webhook_messages')
  expect(types()).toEqual([])
  await clock.pass(20_000)
  expect(types()).toEqual(['host_down'])
})
