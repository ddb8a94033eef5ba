import { noFacts } from './host-record'
import type { ContainerFact, HostFacts, HostView } from './snapshot'

/** A Spark that is up and tells what a test says of it, for tests. */
export function sampleHostView(id = 'spark-1', facts: Partial<HostFacts> = {}): HostView {
  return {
    id,
    title: id,
    address: '127.0.0.1',
    resolved_address: '127.0.0.1',
    state: 'up',
    since: null,
    seen_at: null,
    cause: null,
    remedy: null,
    host_key: null,
    facts: { ...idle, ...facts },
  }
}

/** A container for tests. */
export function sampleContainer(name = 'vllm_node', state = 'running'): ContainerFact {
  return {
    name,
    image: 'vllm-node',
    state,
    health: null,
    started_at: null,
    exit_code: null,
    out_of_memory: false,
    crashed: false,
  }
}

const idle: HostFacts = {
  ...noFacts,
  seen_at: '2026-01-01T00:00:00.000Z',
  gpu_name: 'NVIDIA GB10',
  gpu_utilization_percent: 0,
  gpu_processes: [],
  swap_used_bytes: 0,
  memory_pressure_percent: 0,
}
