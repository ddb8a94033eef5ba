import { expect, test } from 'bun:test'
import type { HostView } from '../cluster/snapshot'
import type { Host, Service } from '../config/cluster'
import { sampleHost, sampleService } from '../config/declared.sample'
import { sampleFound } from '../models/disk/disk.sample'
import { ledger } from '../models/memory/ledger'
import type { Recipe } from '../models/recipe'
import { loadRecipe } from '../models/recipe-file'
import { type PlanState, plan as planOf } from './plan'

const gib = 2 ** 30
const host = (id: string, launcher: string | null = '~/spark-vllm-docker'): Host =>
  sampleHost(id, { launcher, fabric: `198.51.100.${id.at(-1)}` })
const service = (hosts: Host[]): Service => sampleService('llm', { hosts, container: 'vllm_node' })
const seen = (id: string, available = 100, gpu = 0, state: HostView['state'] = 'up'): HostView =>
  ({
    id,
    title: id,
    address: '',
    resolved_address: null,
    state,
    since: null,
    seen_at: null,
    cause: state === 'up' ? null : 'gone',
    remedy: null,
    facts: {
      memory_total_bytes: 120 * gib,
      memory_available_bytes: available * gib,
      memory_gpu_bytes: gpu * gib,
      gpu_processes: gpu > 0 ? [{ pid: 1, name: 'VLLM::EngineCore', bytes: gpu * gib }] : [],
      containers: [],
    },
  }) as unknown as HostView

function recipe(
  lines: string,
  command = 'vllm serve org/model --port {port} -tp {tensor_parallel} --gpu-memory-utilization {gpu_memory_utilization}',
): Recipe {
  const text = `recipe_version: "1"\nname: X\nmodel: org/model\ncontainer: vllm-node\ncommand: ${command}\n${lines}`
  const loaded = loadRecipe({ text, file: 'recipes/x.yaml' }).recipe
  if (!loaded) throw new Error('the fixture is no recipe')
  return loaded
}

const solo = recipe('defaults: { tensor_parallel: 1, gpu_memory_utilization: 0.5 }')
const two = recipe('defaults: { tensor_parallel: 2, gpu_memory_utilization: 0.5 }\ncluster_only: true')
type Given = Partial<PlanState> & { lost?: string }
const state = ({ lost, ...more }: Given = {}): PlanState => ({
  hosts: [seen('spark-1'), seen('spark-2')],
  found: Object.fromEntries(
    ['spark-1', 'spark-2'].map((id) => [id, id === lost ? null : sampleFound('org/model', { weightBytes: 24e9 })]),
  ),
  place: { place: null, problem: null },
  ledgers: [],
  launches: [],
  loaded: null,
  runs: null,
  launched: null,
  failures: 0,
  learnedSeconds: null,
  ...more,
})

function plan(wanted: Recipe | null, on: Service, given: PlanState) {
  const views = on.hosts.slice(0, wanted?.nodes ?? 0).map((each) => ({
    host: each,
    view: given.hosts.find(({ id }) => id === each.id) ?? seen(each.id),
  }))
  const ledgers = views.map(({ host, view }) => ledger(view, { host, services: [on], ends: [on.id] }))
  return planOf(wanted, on, { ...given, ledgers }).plan
}

test('plan() launches a solo recipe on the head alone', () => {
  const made = plan(solo, service([host('spark-1'), host('spark-2')]), state())
  expect(made).toMatchObject({ possible: true, reason: null, stops: [] })
  expect(Object.keys(made.memory)).toEqual(['spark-1'])
  expect(made.commands.at(-1)?.command).toBe(
    './launch-cluster.sh --solo -t vllm-node --name vllm_node -d exec vllm serve org/model --port 8888 -tp 1 --gpu-memory-utilization 0.5',
  )
})

test('plan() names the fabric addresses of a cluster launch, head first', () => {
  const made = plan(two, service([host('spark-1'), host('spark-2')]), state())
  expect(made.commands.at(-1)?.command).toStartWith('./launch-cluster.sh -n 198.51.100.1,198.51.100.2 -t')
  expect(Object.keys(made.memory)).toEqual(['spark-1', 'spark-2'])
})

test('plan() stops the running model on every host first, and counts the memory that this frees', () => {
  const loaded = { recipe: solo, repo: solo.repo }
  const made = plan(
    solo,
    service([host('spark-1'), host('spark-2')]),
    state({ loaded, hosts: [seen('spark-1', 10, 60), seen('spark-2')] }),
  )
  expect(made.commands.map((each) => each.host)).toEqual(['spark-1', 'spark-1', 'spark-2', 'spark-2', 'spark-1'])
  expect(made.possible).toBe(true)
  expect(made.memory['spark-1']?.available_bytes).toBe(70 * gib)
})

test.each([
  ['a host that is too few', two, [host('spark-1')], {}, 'needs 2 Sparks'],
  ['a head without launcher', solo, [host('spark-1', null)], {}, 'has no launcher'],
  ['weights that are not there', solo, [host('spark-1')], { lost: 'spark-1' }, 'is not on spark-1'],
  ['a silent host', solo, [host('spark-1')], { hosts: [seen('spark-1', 100, 0, 'unreachable')] }, 'spark-1: gone'],
  [
    'too little memory',
    solo,
    [host('spark-1')],
    { hosts: [seen('spark-1', 20)] },
    'needs 60.0 GiB on spark-1, 20.0 GiB would be free',
  ],
])('plan() refuses %s with the reason', (_, wanted, hosts, more, reason) => {
  const made = plan(wanted, service(hosts), state(more))
  expect(made.possible).toBe(false)
  expect(made.reason).toContain(reason)
  expect(made.commands).toEqual([])
})

test('plan() of an unload stops and launches nothing', () => {
  const made = plan(null, service([host('spark-1')]), state({ loaded: { recipe: solo, repo: solo.repo } }))
  expect(made).toMatchObject({ possible: true, memory: {} })
  expect(made.commands.map(({ command }) => command)).toEqual(['docker stop -t 10 vllm_node', 'docker rm -f vllm_node'])
})

test('plan() computes the share of memory that a recipe leaves open, and hands it to the launch', () => {
  const open = recipe('', 'vllm serve org/model --max-model-len 4096')
  const on = service([host('spark-1')])
  const views = [seen('spark-1')]
  const ledgers = views.map((view) => ledger(view, { host: host('spark-1'), services: [on], ends: ['llm'] }))
  const made = planOf(open, on, state({ hosts: views, ledgers }))
  const share = made.order?.utilization ?? 0
  expect(made.plan.fit).toMatchObject({ fits: true, computed: true, utilization: share })
  expect(share * 120 * gib).toBeGreaterThan(24e9)
  expect(share).toBeLessThan(0.5)
  expect(made.plan.commands.at(-1)?.command).toEndWith(`--gpu-memory-utilization ${share}`)
})

test('plan() waits for memory that a model which just ended still holds, and refuses what no host has', () => {
  const on = service([host('spark-1')])
  const views = [seen('spark-1', 30)]
  const given = (settling: string[]) => {
    const ledgers = views.map((view) => ledger(view, { host: host('spark-1'), services: [on], ends: ['llm'] }))
    return state({ hosts: views, ledgers, settling })
  }
  expect(planOf(solo, on, given([])).plan.possible).toBe(false)
  expect(planOf(solo, on, given(['spark-1']))).toMatchObject({
    plan: { possible: true },
    order: { memory: { 'spark-1': { takes: 60 * gib, free: 60 * gib } } },
  })
  const all = { ...solo, defaults: { ...solo.defaults, gpu_memory_utilization: 0.98 } }
  expect(planOf(all, on, given(['spark-1'])).plan.possible).toBe(false)
})

test('plan() refuses a recipe from elsewhere until its commands were accepted', () => {
  const made = plan({ ...solo, trusted: false, source: 'launcher:spark-1' }, service([host('spark-1')]), state())
  expect(made).toMatchObject({ possible: false })
  expect(made.reason).toContain('comes from launcher:spark-1, and its commands were not accepted yet')
})

test('plan() counts the memory of a container that runs though its engine does not answer', () => {
  const hung = seen('spark-1', 10, 100)
  hung.facts?.containers.push({
    name: 'vllm_node',
    image: 'vllm-node',
    state: 'running',
    health: null,
    started_at: null,
    exit_code: null,
    out_of_memory: false,
    crashed: false,
  })
  const made = plan(solo, service([host('spark-1')]), state({ hosts: [hung] }))
  expect(made).toMatchObject({ possible: true, reason: null })
})

test('plan() ends other services’ models that may end where there is no room beside them, and launches them again if it fails', () => {
  const head = host('spark-1')
  const llm = service([head])
  const second = sampleService('second', { hosts: [head], container: 'second', port: 8889, title: 'Second' })
  const views = [seen('spark-1', 40, 74)]
  const ledgers = (ends: string[]) => views.map((view) => ledger(view, { host: head, services: [second], ends }))
  const launched = { recipe: solo, service: second, utilization: null, memory: {}, weights: null }
  const given = (allowed: boolean) =>
    state({
      hosts: views,
      ledgers: ledgers(['llm']),
      room: {
        others: [{ slot: { service: second, recipe: solo }, usedAt: 0, allowed, repo: 'org/model', launched }],
        ledgers: (ended) => ledgers(['llm', ...ended.map((slot) => slot.service.id)]),
      },
    })
  const stop = { service: 'second', recipe: 'x', repo: 'org/model', hosts: ['spark-1'] }
  const made = planOf(solo, llm, given(true))
  expect(made.plan).toMatchObject({ possible: true, makes_room: true, stops: [stop], would_end: [] })
  expect(made.plan.commands.map(({ command }) => command)).toContain('docker rm -f second')
  expect(made.stops.map((slot) => slot.service.id)).toEqual(['llm', 'second'])
  expect(made.back).toEqual([launched])
  const refused = planOf(solo, llm, given(false))
  expect(refused.plan).toMatchObject({ possible: false, makes_room: false, stops: [], would_end: [stop] })
  expect(refused.plan.reason).toContain('make room by ending X (second)')
  expect(refused.order).toBeNull()
})
