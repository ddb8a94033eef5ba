import type { JobView } from '../jobs/job'

export type HostState = 'up' | 'unreachable' | 'unresponsive' | 'refused' | 'unknown'
export type ServiceState = 'up' | 'busy' | 'stalled' | 'starting' | 'stopped' | 'down' | 'unknown'

/** What a Spark said of itself in its latest sample; a null is a figure the machine does not tell (GB10 answers `[N/A]`). */
export interface HostFacts {
  /** When this was seen, RFC 3339. */
  seen_at: string
  memory_total_bytes: number | null
  memory_available_bytes: number | null
  /** Sum over the processes that nvidia-smi names; part of the same unified pool, not beside it. */
  memory_gpu_bytes: number | null
  gpu_name: string | null
  gpu_utilization_percent: number | null
  gpu_temperature_c: number | null
  gpu_power_w: number | null
  gpu_clock_mhz: number | null
  /** The GPU runs slower than it could because it is too hot or short of power. */
  gpu_throttled: boolean | null
  gpu_driver: string | null
  /** Who holds GPU memory, largest first; null where nvidia-smi did not tell. */
  gpu_processes: GpuProcess[] | null
  /** Part of the memory that counts as used for the GPU until the kernel takes it back. */
  memory_cached_bytes: number | null
  swap_used_bytes: number | null
  /** Share of the last 10 s in which something waited for memory (`/proc/pressure/memory`, some avg10). */
  memory_pressure_percent: number | null
  /** Of all cores together. */
  cpu_percent: number | null
  /** Hottest zone of the board. */
  temperature_c: number | null
  disk_total_bytes: number | null
  disk_available_bytes: number | null
  load_1m: number | null
  uptime_s: number | null
  boot_id: string | null
  /** Address of a WireGuard or Tailscale interface, or null. */
  vpn_address: string | null
  /** Every IPv4 address by interface. */
  addresses: Record<string, string>
  /** Traffic of each interface that has an address. */
  network: Record<string, { rx_bytes_s: number; tx_bytes_s: number }>
  /** How far its clock is ahead of the controller's. */
  clock_skew_s: number | null
  /** Programs the kernel has ended for want of memory since boot. */
  oom_kills: number | null
  /** Lines of the kernel's log that tell of trouble (Xid, out of memory), newest last; null where it may not be read. */
  kernel_trouble: string[] | null
  containers: ContainerFact[]
}

export interface GpuProcess {
  pid: number
  name: string
  bytes: number
}

export interface ContainerFact {
  name: string
  image: string
  /** docker's own word: running, exited, paused, restarting, created, dead. */
  state: string
  /** What its own HEALTHCHECK says; null where it has none. */
  health: 'healthy' | 'unhealthy' | 'starting' | null
  /** By the Spark's own clock, RFC 3339; null while it never ran. */
  started_at: string | null
  /** Null while it runs. */
  exit_code: number | null
  out_of_memory: boolean
  /** It ended and nobody had asked for that. */
  crashed: boolean
}

export interface HostView {
  id: string
  title: string
  /** As declared. */
  address: string
  /** The IPv4 address that is really used; null until a name was resolved. */
  resolved_address: string | null
  state: HostState
  /** RFC 3339: since when this state, when last seen; null while never. */
  since: string | null
  seen_at: string | null
  cause: string | null
  remedy: string | null
  /** Fingerprints, while it is refused for showing another host key than the pinned one. */
  host_key: { pinned: string; shown: string } | null
  facts: HostFacts | null
}

/** One figure of a tile. */
export interface FactView {
  label: string
  value: string | number | null
  unit: string | null
}

export interface ServiceView {
  id: string
  kind: string
  title: string
  /** The head. */
  host: string
  hosts: string[]
  /** Null where it listens on none. */
  port: number | null
  state: ServiceState
  since: string | null
  seen_at: string | null
  cause: string | null
  remedy: string | null
  facts: FactView[]
  /** When its container started; null where that is not known. */
  started_at: string | null
  hidden: boolean
  disabled: boolean
}

/** What a model service serves now; `recipe` is null where no recipe matches. */
export interface ModelView {
  service: string
  recipe: string | null
  repo: string
  since: string
}

export interface LockView {
  holder: string | null
  reason: string | null
  expires_at: string | null
}

/** The answer of `GET /api/cluster`. */
export interface ClusterView {
  hosts: HostView[]
  services: ServiceView[]
  models: ModelView[]
  /** The default (first) model service's, or null. */
  model: ModelView | null
  /** The running swap, or the last one, or null. */
  swap: JobView | null
  lock: LockView
}

export interface AttentionView {
  severity: 'info' | 'warning' | 'critical'
  /** `host:spark-1`, `service:llm`, `swap:<job>`. */
  subject: string
  text: string
  remedy: string
  since: string | null
}
