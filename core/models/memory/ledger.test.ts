import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { ContainerFact, HostFacts, HostView } from '../../cluster/snapshot'
import { sampleHost, sampleService } from '../../config/declared.sample'
import { type LedgerInput, ledger } from './ledger'

const GiB = 2 ** 30
const llm = sampleService('llm', { title: 'Language model' })
const input = { host: sampleHost('spark-1', { reserveBytes: 4 * GiB }), services: [llm], ends: [] }

test('ledger() gives vLLM’s processes to the model service, others to services of their name, and the rest to the system', () => {
  const services = [llm, sampleService('ollama', { kind: 'openai', title: 'Ollama', container: null })]
  const { uses, ...figures } = ledger(view(), { ...input, services })
  expect(figures).toEqual({
    host: 'spark-1',
    seen_at: '2026-01-01T00:00:00.000Z',
    total_bytes: 120 * GiB,
    available_bytes: 60 * GiB,
    cached_bytes: 10 * GiB,
    reserve_bytes: 4 * GiB,
  })
  expect(uses).toEqual([
    { service: 'llm', name: 'Language model', bytes: 42 * GiB, ends: false },
    { service: null, name: 'system and others', bytes: 9 * GiB, ends: false },
    { service: 'ollama', name: 'Ollama', bytes: 6 * GiB, ends: false },
    { service: null, name: 'python3', bytes: 3 * GiB, ends: false },
  ])
})

test('ledger() marks what the launch ends', () => {
  expect(ledger(view(), { ...input, ends: ['llm'] }).uses.filter(({ ends }) => ends)).toMatchObject([
    { service: 'llm', bytes: 42 * GiB },
  ])
})

test('ledger() gives a vLLM to nobody while the service’s container stands still, or while two services may be meant', () => {
  const still = ledger(view({ containers: [container('vllm_node', 'exited')] }), { ...input, ends: ['llm'] })
  expect(still.uses.some(({ ends }) => ends)).toBe(false)
  expect(still.uses[0]).toMatchObject({ service: null, name: 'VLLM::EngineCore' })
  const two = ledger(view(), { ...input, services: [llm, sampleService('second')], ends: ['llm'] })
  expect(two.uses.some(({ ends }) => ends)).toBe(false)
})

test('ledger() says that something ends whose size is not told while the GPU does not tell who holds it', () => {
  const { uses } = ledger(view({ gpu_processes: null, containers: [container('vllm_node', 'running')] }), {
    ...input,
    ends: ['llm'],
  })
  expect(uses).toEqual([
    { service: null, name: 'system and others', bytes: 60 * GiB, ends: false },
    { service: 'llm', name: 'Language model', bytes: 0, ends: true },
  ])
})

test('ledger() gives engines of every sort to the one model service, where no other can be meant', () => {
  const containers = [container('vllm_node', 'running')]
  const of = (name: string, more: Partial<LedgerInput> = {}) =>
    ledger(view({ gpu_processes: [{ pid: 1, name, bytes: 40 * GiB }], containers }), {
      ...input,
      ends: ['llm'],
      ...more,
    }).uses[0]
  const engines = ['ray::RayWorkerWrapper', 'sglang::scheduler', '/home/u/llama-server', 'python3 -m vllm.entrypoints']
  for (const name of engines) expect(of(name)).toMatchObject({ service: 'llm', bytes: 40 * GiB, ends: true })
  expect(of('python3')).toMatchObject({ service: null })
  const ollama = sampleService('ollama', { kind: 'openai' })
  expect(of('/usr/bin/llama-server', { services: [llm, ollama] })).toMatchObject({ service: null })
  expect(of('VLLM::EngineCore', { services: [llm, ollama] })).toMatchObject({ service: 'llm' })
})

test('ledger() says that the service’s model ends though none of the GPU’s processes is known to be its own', () => {
  const containers = [container('vllm_node', 'running'), container('second', 'running')]
  const two = [llm, sampleService('second', { container: 'second' })]
  const untold = { service: 'llm', name: 'Language model', bytes: 0, ends: true }
  expect(ledger(view({ containers }), { ...input, services: two, ends: ['llm'] }).uses).toContainEqual(untold)
  // A script's server has no container.
  const odd = view({
    gpu_processes: [{ pid: 1, name: 'my-server', bytes: 40 * GiB }],
    containers: [container('other', 'running')],
  })
  expect(ledger(odd, { ...input, ends: ['llm'], serving: ['llm'] }).uses).toContainEqual(untold)
  expect(ledger(odd, { ...input, ends: ['llm'] }).uses.some(({ ends }) => ends)).toBe(false)
  // What answers is on the head.
  const worker = { ...llm, hosts: [sampleHost('spark-0'), sampleHost('spark-1')] }
  const other = ledger(odd, { ...input, services: [worker], ends: ['llm'], serving: ['llm'] })
  expect(other.uses.some(({ ends }) => ends)).toBe(false)
})

test('ledger() shares what engines of several services hold among them by what was launched into each', () => {
  const second = sampleService('second', { title: 'Second', container: 'second' })
  const containers = [container('vllm_node', 'running'), container('second', 'running')]
  const of = (takes: Record<string, number>, ends: string[] = []) => {
    const taken = (service: string) => takes[service] ?? null
    const seen = view({ containers, memory_available_bytes: 61 * GiB })
    return ledger(seen, { ...input, services: [llm, second], ends, taken }).uses
  }
  // The two engines hold 42 GiB.
  const both = of({ llm: 42 * GiB, second: 21 * GiB }, ['second'])
  expect(both).toContainEqual({ service: 'llm', name: 'Language model', bytes: 28 * GiB, ends: false })
  expect(both).toContainEqual({ service: 'second', name: 'Second', bytes: 14 * GiB, ends: true })
  const byHand = of({ llm: 30 * GiB }, ['llm', 'second'])
  expect(byHand).toContainEqual({ service: 'llm', name: 'Language model', bytes: 30 * GiB, ends: true })
  expect(byHand).toContainEqual({ service: 'second', name: 'Second', bytes: 12 * GiB, ends: true })
  expect(of({})).toContainEqual({ service: null, name: 'models', bytes: 42 * GiB, ends: false })
})

test('ledger() knows what was just loaded before the GPU’s processes were asked for again', () => {
  const second = sampleService('second', { title: 'Second', container: 'second' })
  const of = (takes: Record<string, number>, available: number, containers = ['vllm_node', 'second']) =>
    ledger(
      view({
        gpu_processes: [{ pid: 1, name: 'VLLM::EngineCore', bytes: 30 * GiB }],
        memory_available_bytes: available * GiB,
        containers: containers.map((name) => container(name, 'running')),
      }),
      { ...input, services: [llm, second], taken: (service) => takes[service] ?? null },
    ).uses
  expect(of({ llm: 30 * GiB, second: 40 * GiB }, 120 - 76)).toEqual([
    { service: 'second', name: 'Second', bytes: 38 * GiB, ends: false },
    { service: 'llm', name: 'Language model', bytes: 30 * GiB, ends: false },
    { service: null, name: 'system and others', bytes: 8 * GiB, ends: false },
  ])
  // What the system holds is nobody's, however much a launch was reckoned to take.
  expect(of({ llm: 35 * GiB }, 120 - 36, ['vllm_node'])).toContainEqual({
    service: 'llm',
    name: 'Language model',
    bytes: 30 * GiB,
    ends: false,
  })
})

test('ledger() never shares out more than the engines hold', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(200)), { minLength: 2, maxLength: 5 }), fc.nat(120), (takes, gib) => {
      const services = takes.map((_, index) => sampleService(`s${index}`, { container: `c${index}` }))
      const { uses } = ledger(
        view({
          gpu_processes: [{ pid: 1, name: 'VLLM::EngineCore', bytes: gib * GiB }],
          memory_available_bytes: (120 - gib) * GiB,
          containers: services.map((each) => container(each.container ?? '', 'running')),
        }),
        {
          ...input,
          services,
          taken: (id) => {
            const bytes = takes[Number(id.slice(1))] ?? null
            return bytes === null ? null : bytes * GiB
          },
        },
      )
      const sum = uses.reduce((total, { bytes }) => total + bytes, 0)
      expect(sum).toBe(gib * GiB)
      expect(uses.every(({ bytes }) => bytes >= 0)).toBe(true)
    }),
  )
})

test('ledger() passes over services on other hosts and those that are disabled', () => {
  const services = [
    sampleService('elsewhere', { hosts: [sampleHost('spark-2')] }),
    sampleService('off', { disabled: true }),
  ]
  expect(ledger(view(), { ...input, services }).uses.every(({ service }) => service === null)).toBe(true)
})

test('ledger() of a host that was never seen knows nothing but the reserve', () => {
  expect(ledger({ ...view(), facts: null }, input)).toEqual({
    host: 'spark-1',
    seen_at: null,
    total_bytes: null,
    available_bytes: null,
    cached_bytes: null,
    reserve_bytes: 4 * GiB,
    uses: [],
  })
})

function view(facts: Partial<HostFacts> = {}): HostView {
  return {
    id: 'spark-1',
    title: 'spark-1',
    address: '127.0.0.1',
    resolved_address: '127.0.0.1',
    state: 'up',
    since: null,
    seen_at: null,
    cause: null,
    remedy: null,
    host_key: null,
    facts: {
      seen_at: '2026-01-01T00:00:00.000Z',
      memory_total_bytes: 120 * GiB,
      memory_available_bytes: 60 * GiB,
      memory_gpu_bytes: 51 * GiB,
      gpu_name: 'NVIDIA GB10',
      gpu_utilization_percent: 0,
      gpu_temperature_c: null,
      gpu_power_w: null,
      gpu_clock_mhz: null,
      gpu_throttled: null,
      gpu_driver: null,
      gpu_processes: [
        { pid: 1, name: 'VLLM::EngineCore', bytes: 40 * GiB },
        { pid: 2, name: '/usr/local/bin/ollama runner', bytes: 6 * GiB },
        { pid: 3, name: 'python3', bytes: 3 * GiB },
        { pid: 4, name: 'VLLM::EngineCore', bytes: 2 * GiB },
      ],
      memory_cached_bytes: 10 * GiB,
      swap_used_bytes: 0,
      memory_pressure_percent: 0,
      cpu_percent: null,
      temperature_c: null,
      disk_total_bytes: null,
      disk_available_bytes: null,
      load_1m: null,
      uptime_s: null,
      boot_id: null,
      vpn_address: null,
      addresses: {},
      network: {},
      clock_skew_s: null,
      oom_kills: null,
      kernel_trouble: null,
      containers: [],
      ...facts,
    },
  }
}

function container(name: string, state: string): ContainerFact {
  return {
    name,
    image: '',
    state,
    health: null,
    started_at: null,
    exit_code: null,
    out_of_memory: false,
    crashed: false,
  }
}
