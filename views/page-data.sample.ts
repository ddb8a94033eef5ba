import type { HostFacts, HostView, ServiceView } from '../core/cluster/snapshot'
import type { RecordedEvent } from '../core/history/event'
import type { JobView, PhaseView } from '../core/jobs/job'
import { sampleDisk, sampleModel } from './models.sample'
import type { OccurrenceView, PageData, RecipeView } from './page-data'

/** The moment of every sample below. */
export const now = '2026-01-31T14:05:30Z'

const GiB = 1024 ** 3

/** Invented figures of one Spark, for the tests of the pages. */
export function sampleFacts(changes: Partial<HostFacts> = {}): HostFacts {
  return {
    seen_at: '2026-01-31T14:05:28Z',
    memory_total_bytes: 119.7 * GiB,
    memory_available_bytes: 31.5 * GiB,
    memory_gpu_bytes: 80 * GiB,
    gpu_name: 'NVIDIA GB10',
    gpu_utilization_percent: 45,
    gpu_temperature_c: 61,
    gpu_power_w: 38.4,
    gpu_clock_mhz: 2400,
    gpu_throttled: false,
    gpu_driver: '580.126.09',
    gpu_processes: [],
    memory_cached_bytes: 9 * GiB,
    swap_used_bytes: 0,
    memory_pressure_percent: 0,
    cpu_percent: 4,
    temperature_c: 52,
    disk_total_bytes: 3700 * GiB,
    disk_available_bytes: 1240 * GiB,
    load_1m: 1.2,
    uptime_s: 273_900,
    boot_id: 'b1',
    vpn_address: null,
    addresses: { eth0: '127.0.0.2' },
    network: {},
    clock_skew_s: 0,
    oom_kills: 0,
    kernel_trouble: [],
    containers: [],
    ...changes,
  }
}

/** An invented host that is up. */
export function sampleHost(changes: Partial<HostView> = {}): HostView {
  return {
    id: 'spark-1',
    title: 'Spark 1',
    address: '127.0.0.2',
    resolved_address: '127.0.0.2',
    state: 'up',
    since: '2026-01-31T10:00:00Z',
    seen_at: '2026-01-31T14:05:28Z',
    cause: null,
    remedy: null,
    host_key: null,
    facts: sampleFacts(),
    ...changes,
  }
}

/** An invented service that is up. */
export function sampleService(changes: Partial<ServiceView> = {}): ServiceView {
  return {
    id: 'embed',
    kind: 'http',
    title: 'Embeddings',
    host: 'spark-1',
    hosts: ['spark-1'],
    port: 8088,
    state: 'up',
    since: '2026-01-31T12:00:00Z',
    seen_at: '2026-01-31T14:05:27Z',
    cause: null,
    remedy: null,
    facts: [{ label: 'Embedded', value: 18_234, unit: 'texts' }],
    started_at: null,
    hidden: false,
    disabled: false,
    ...changes,
  }
}

/** An invented recipe that can run. */
export function sampleRecipe(changes: Partial<RecipeView> = {}): RecipeView {
  return {
    id: 'qwen3-32b',
    name: 'Qwen3 32B',
    nodes: 1,
    runnable: true,
    reason: null,
    trusted: true,
    loaded: false,
    on_demand: false,
    into: ['llm'],
    ...changes,
  }
}

/** An invented download in its midst. */
export function sampleTransfer(changes: Partial<JobView> = {}): JobView {
  return sampleSwap({
    id: 'model-019c',
    kind: 'model',
    title: 'Download openai/gpt-oss-120b',
    action: 'download',
    repo: 'openai/gpt-oss-120b',
    transfer: { done_bytes: 24.2 * GiB, total_bytes: 60.8 * GiB, bytes_s: 110 * 1024 ** 2 },
    recipe: null,
    previous: null,
    service: null,
    phase: 'download',
    eta_s: 340,
    phases: [
      {
        name: 'download',
        title: 'Download to Spark 1',
        state: 'running',
        started_at: '2026-01-31T14:04:00Z',
        ended_at: null,
        detail: '3 of 15 files',
      },
    ],
    log_tail: [],
    ...changes,
  })
}

/** An invented swap in the midst of loading. */
export function sampleSwap(changes: Partial<JobView> = {}): JobView {
  const phase = (name: string, state: PhaseView['state'], detail: string | null = null): PhaseView => ({
    name,
    state,
    started_at: state === 'pending' ? null : '2026-01-31T14:04:00Z',
    ended_at: state === 'done' ? '2026-01-31T14:04:20Z' : null,
    detail,
  })
  return {
    id: '019c-swap',
    kind: 'swap',
    recipe: 'gpt-oss-120b',
    previous: 'qwen3-32b',
    service: 'llm',
    state: 'running',
    phase: 'load',
    progress: 0.4,
    eta_s: 125,
    phases: [
      phase('stop', 'done'),
      phase('load', 'running', 'Loading the weights, 6 of 15 files'),
      phase('first_token', 'pending'),
    ],
    error: null,
    ending: null,
    log_tail: ['starting the container', 'loading checkpoint shard 6 of 15'],
    created_at: '2026-01-31T14:04:00Z',
    updated_at: '2026-01-31T14:05:29Z',
    ended_at: null,
    ...changes,
  }
}

/** An invented outage of 14 s. */
export function sampleEvent(changes: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    id: 7,
    at: '2026-01-31T13:00:00Z',
    ended_at: '2026-01-31T13:00:14Z',
    duration_s: 14,
    type: 'connectivity',
    subject: 'host:spark-1',
    host: 'spark-1',
    service: null,
    job: null,
    from: 'up',
    state: 'unreachable',
    cause: 'the connection was lost',
    remedy: null,
    text: null,
    ...changes,
  }
}

/** An invented swap that an app plans for an hour of the next night. */
export function sampleOccurrence(changes: Partial<OccurrenceView> = {}): OccurrenceView {
  return {
    id: 'schedule-1',
    owner: 'nightly',
    title: 'Summaries of the day',
    recipe: 'gpt-oss-120b',
    begins: '2026-02-01T01:30:00Z',
    ends: '2026-02-01T02:30:00Z',
    overlaps: [],
    ...changes,
  }
}

/** An invented cluster in which all is well. */
export function sampleData(changes: Partial<PageData> = {}, cluster: Partial<PageData['cluster']> = {}): PageData {
  const model = { service: 'llm', recipe: 'qwen3-32b', repo: 'Qwen/Qwen3-32B', since: '2026-01-31T11:00:00Z' }
  return {
    version: '0.1.0',
    demo: false,
    name: 'Home cluster',
    now,
    cluster: {
      hosts: [sampleHost(), sampleHost({ id: 'spark-2', title: 'Spark 2', address: '127.0.0.3' })],
      services: [sampleService({ id: 'llm', kind: 'vllm', title: 'Language model', port: 8888 }), sampleService()],
      models: [model],
      model,
      swap: null,
      lock: { holder: null, reason: null, expires_at: null },
      ...cluster,
    },
    attention: [],
    recipes: [sampleRecipe({ loaded: true }), sampleRecipe({ id: 'gpt-oss-120b', name: 'GPT-OSS 120B' })],
    menu: {
      models: [
        sampleModel({ loaded: true }),
        sampleModel({ repo: 'openai/gpt-oss-120b', name: 'GPT-OSS 120B', recipe: 'gpt-oss-120b', recipes: [] }),
      ],
      downloads: [],
    },
    disks: [sampleDisk(), sampleDisk({ host: 'spark-2' })],
    sshKeyLines: { 'spark-1': 'ssh-ed25519 AAAA control', 'spark-2': 'ssh-ed25519 AAAA control' },
    jobs: [],
    logins: {},
    findings: [],
    slots: [{ id: 'llm', title: 'Language model' }],
    requests: {},
    drain_s: 30,
    queues: [],
    idle: {},
    usual: {},
    calendar: [],
    webhooks: false,
    sparklines: {},
    strips: {},
    ...changes,
  }
}
