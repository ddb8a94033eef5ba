import { expect, test } from 'bun:test'
import { sampleContainer, sampleHostView } from '../cluster/host-view.sample'
import { sampleHost, sampleService } from '../config/declared.sample'
import { type OrphanState, orphanAttention, orphans } from './orphans'

const sparks = ['spark-1', 'spark-2', 'spark-3'].map((id) => sampleHost(id))
const llm = sampleService('llm', { hosts: sparks.slice(0, 2), title: 'Language model' })
const nothing: OrphanState = { hosts: [], services: [llm], swappable: ['llm'], loaded: [], changing: [] }
const on = (id: string, names: string[], state = 'running') =>
  sampleHostView(id, { containers: names.map((name) => sampleContainer(name, state)) })
const seen = (running: Record<string, string[]>) => sparks.map(({ id }) => on(id, running[id] ?? []))
const where = (state: Partial<OrphanState>) => orphans({ ...nothing, ...state }).map(({ host }) => host)
const both = seen({ 'spark-1': ['vllm_node'], 'spark-2': ['vllm_node', 'other'] })
const worker = seen({ 'spark-2': ['vllm_node', 'other'] })

test('a worker whose head has died is an orphan, told by why', () => {
  expect(orphans({ ...nothing, hosts: worker })).toEqual([
    {
      host: 'spark-2',
      container: 'vllm_node',
      service: 'llm',
      why: 'nothing of Language model runs on spark-1, its head',
      since: null,
    },
  ])
})

test('a container on a Spark that the loaded model does not use is an orphan, one that it uses is none', () => {
  expect(where({ hosts: both, loaded: [{ service: 'llm', nodes: 1 }] })).toEqual(['spark-2'])
  expect(where({ hosts: both, loaded: [{ service: 'llm', nodes: 2 }] })).toEqual([])
  expect(where({ hosts: both, loaded: [{ service: 'llm', nodes: null }] })).toEqual([])
})

test('a container on a Spark that its service does not list is an orphan, unless it is another service’s there', () => {
  const hosts = seen({ 'spark-3': ['vllm_node'] })
  expect(where({ hosts })).toEqual(['spark-3'])
  for (const kind of ['vllm', 'openai']) {
    const other = sampleService('other', { kind, hosts: sparks.slice(2), container: 'vllm_node' })
    const swappable = kind === 'vllm' ? ['llm', 'other'] : ['llm']
    expect(where({ hosts, services: [llm, other], swappable })).toEqual([])
    expect(where({ hosts, services: [llm, { ...other, disabled: true }], swappable })).toEqual([])
  }
})

test('while a model is loaded by a swap or by hand, nothing of its service is an orphan', () => {
  expect(where({ hosts: worker, changing: ['llm'] })).toEqual([])
  expect(where({ hosts: both })).toEqual([])
})

test('what cannot be told is no orphan: a head out of reach or without docker, a Spark not seen lately', () => {
  const [head = sampleHostView(), ...rest] = worker
  expect(where({ hosts: [{ ...head, state: 'unreachable' }, ...rest] })).toEqual([])
  expect(where({ hosts: [{ ...head, cause: 'docker does not answer' }, ...rest] })).toEqual([])
  expect(where({ hosts: [head, ...rest.map((each) => ({ ...each, state: 'unknown' as const }))] })).toEqual([])
})

test('a container that has ended is no orphan', () => {
  const hosts = sparks.map(({ id }) => on(id, id === 'spark-2' ? ['vllm_node'] : [], 'exited'))
  expect(where({ hosts })).toEqual([])
})

test('orphanAttention() tells a person where it is, why it is nobody’s and what to do', () => {
  expect(orphanAttention(orphans({ ...nothing, hosts: worker }), (id) => `Spark ${id}`)).toEqual([
    {
      severity: 'warning',
      subject: 'host:spark-2',
      text: 'Spark spark-2: container vllm_node is left over and may hold memory: nothing of Language model runs on spark-1, its head',
      remedy: 'end it on the page of that Spark; a swap of that service ends it too',
      since: null,
    },
  ])
})
