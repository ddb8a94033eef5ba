import { expect, test } from 'bun:test'
import type { HostView } from '../../cluster/snapshot'
import { sampleHost, sampleService } from '../../config/declared.sample'
import { sampleRecipe } from '../../models/recipe.sample'
import { localHost } from './local-host.sample'
import { linkedTime } from './reachable'
import type { SwapHost } from './step'
import { stepContext } from './step-context.sample'
import { workerWatch } from './worker-watch'

/** A load on two Sparks; what is seen of the second may be changed. */
function load() {
  let now = 0
  const time = linkedTime({ now: () => now, rising: () => now, after: () => () => {} })
  const seen = { up: true, boot: 'boot-1' as string | null, container: null as string | null }
  const up = localHost('/nowhere', 'spark-2')
  const worker: SwapHost = {
    ...up,
    get link() {
      return { ...up.link, state: seen.up ? 'up' : 'unreachable' } as SwapHost['link']
    },
  }
  const view = () => {
    const containers = seen.container === null ? [] : [{ name: 'vllm_node', state: seen.container }]
    return { id: 'spark-2', facts: { boot_id: seen.boot, containers } } as unknown as HostView
  }
  const { observed } = stepContext()
  const recipe = sampleRecipe({ nodes: 2 })
  const service = sampleService('llm', { hosts: [sampleHost('spark-1'), sampleHost('spark-2')] })
  const order = { recipe, service, utilization: null, memory: {}, weights: null }
  const context = { hosts: new Map([['spark-2', worker]]), observed: { ...observed, host: view } }
  const look = workerWatch(order, context, time)
  return {
    seen,
    time,
    look: () => look()?.reason.message ?? null,
    pass(seconds: number) {
      now += seconds * 1000
    },
  }
}

test('a worker that is out of reach for 30 s is lost, one that blinks is not', () => {
  const { seen, look, pass } = load()
  seen.up = false
  expect(look()).toBeNull()
  pass(29)
  expect(look()).toBeNull()
  seen.up = true
  expect(look()).toBeNull()
  seen.up = false
  expect(look()).toBeNull()
  pass(30)
  expect(look()).toBe('spark-2 was lost while loading: it has been out of reach for 30 s')
})

test('time in which the head is out of reach too is charged to no worker', () => {
  const { seen, look, pass, time } = load()
  seen.up = false
  expect(look()).toBeNull()
  pass(600)
  time.lose(600_000)
  expect(look()).toBeNull()
})

test('a worker that restarts is lost at once', () => {
  const { seen, look } = load()
  seen.boot = null
  expect(look()).toBeNull()
  seen.boot = 'boot-1'
  expect(look()).toBeNull()
  seen.boot = 'boot-2'
  expect(look()).toBe('spark-2 was lost while loading: it has restarted')
})

test('a worker whose container ran and runs no more is lost, after the launcher had time to say why', () => {
  const { seen, look, pass } = load()
  pass(60)
  expect(look()).toBeNull()
  seen.container = 'running'
  expect(look()).toBeNull()
  seen.container = 'exited'
  expect(look()).toBeNull()
  pass(10)
  expect(look()).toBe('spark-2 was lost while loading: it has no running container vllm_node any more')
})
