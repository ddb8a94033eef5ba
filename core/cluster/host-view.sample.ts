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
  seen_at: '2026-01-01T00:00:00.000Z',
  memory_total_bytes: null,
  memory_available_bytes: null,
  memory_gpu_bytes: null,
  gpu_name: 'NVIDIA GB10',
  gpu_utilization_percent: 0,
  gpu_temperature_c: null,
  gpu_power_w: null,
  gpu_clock_mhz: null,
  gpu_throttled: null,
  gpu_driver: null,
  gpu_processes: [],
  memory_cached_bytes: null,
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
}
