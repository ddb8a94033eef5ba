import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../clock'
import { sampleHostView } from '../cluster/host-view.sample'
import type { ServiceView } from '../cluster/snapshot'
import { sampleHost, sampleService } from '../config/declared.sample'
import type { SwapCause } from '../jobs/job'
import { journal } from '../jobs/journal'
import { sampleRecipe } from '../models/recipe.sample'
import { openStore } from '../store/store'
import { durations } from './durations'
import type { Load } from './loads'
import { endSwap, newSwap } from './progress'
import { resumer } from './resumer'
import type { SwapOrder } from './swap-request'

const service = { ...sampleService('llm', { hosts: [sampleHost('spark-1')] }), options: { resume: true } }
const recipe = sampleRecipe({ id: 'small' })
const load: Load = {
  service: 'llm',
  recipe: 'small',
  job: 'swap-0',
  by: 'person',
  order: { recipe, utilization: null, memory: {}, weights: null },
  boots: { 'spark-1': 'before' },
  at: 1000,
}

test('a read that fails once does not end the watching', () => {
  const { started, pass, fail } = watched()
  fail(new Error('disk I/O error'))
  pass()
  fail(null)
  pass()
  expect(started).toHaveLength(1)
})

test('tries count however many other swaps there were since', () => {
  const { jobs, started, pass, add } = watched()
  for (let n = 1; n <= 3; n++) add(n, 'resume')
  for (let n = 4; n < 100; n++) add(n, 'app')
  expect(jobs.swapsOf('llm', 'resume', load.at).map(({ id }) => id)).toEqual(['swap-3', 'swap-2', 'swap-1'])
  pass()
  expect(started).toEqual([])
})

test('it is expected to take as long as was planned when it was loaded', () => {
  const { jobs, started, pass } = watched()
  const asked = { recipe: 'small', service: 'llm', previous: null, eta: 777, by: 'person' as const, makesRoom: [] }
  const view = newSwap('swap-0', asked, new Date(500).toISOString())
  jobs.add({ view, request: { recipe: 'small', eta_s: 777 } })
  pass()
  expect(started[0]?.usual).toBe(777)
})

function watched() {
  const store = openStore(mkdtempSync(join(tmpdir(), 'spark-resumer-')))
  const jobs = journal(store)
  const started: SwapOrder[] = []
  let broken: Error | null = null
  let due = () => watch.start()
  const clock: Clock = {
    ...systemClock,
    now: () => 10_000_000,
    after(_, act) {
      due = act
      return () => {}
    },
  }
  const watch = resumer({
    services: [service],
    observed: {
      host: () => sampleHostView('spark-1', { boot_id: 'after' }),
      service: () => ({ state: 'stopped', since: null }) as ServiceView,
      serves: () => [],
    },
    loads: {
      of() {
        if (broken) throw broken
        return load
      },
    },
    arbiter: {
      current: () => null,
      failures: () => 0,
      start(order) {
        started.push(order)
        return newSwap('swap-9', { ...asked, by: 'resume' }, new Date(0).toISOString())
      },
    },
    journal: jobs,
    durations: durations(store),
    lock: { view: () => ({ holder: null, reason: null, expires_at: null }) },
    clock,
    pauses: [0, 0, 0],
    log: () => {},
  })
  const asked = { recipe: 'small', service: 'llm', previous: null, eta: 1, makesRoom: [] }
  return {
    jobs,
    started,
    fail: (error: Error | null) => {
      broken = error
    },
    pass: () => due(),
    add(n: number, by: SwapCause) {
      const at = new Date(1000 + n).toISOString()
      const view = newSwap(`swap-${n}`, { ...asked, by }, at)
      jobs.add({ view, request: {} })
      jobs.save(endSwap(view, 'failed', at, { code: 'x', message: 'y', remedy: 'z' }))
    },
  }
}
