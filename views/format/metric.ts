/** How a recorded metric is told and drawn. */
export interface Metric {
  metric: string
  label: string
  unit: string | null
  /** Ends of its scale where they are known; else the figures themselves give them. */
  low?: number
  high?: number
}

/** Metrics of a host in the order of their use; what a machine does not tell is not drawn. */
export const hostMetrics: readonly Metric[] = [
  { metric: 'memory_used_bytes', label: 'Memory used', unit: 'bytes', low: 0 },
  { metric: 'gpu_utilization_percent', label: 'GPU', unit: '%', low: 0, high: 100 },
  { metric: 'gpu_temperature_c', label: 'GPU temperature', unit: '°C' },
  { metric: 'gpu_power_w', label: 'Power', unit: 'W', low: 0 },
  { metric: 'gpu_clock_mhz', label: 'GPU clock', unit: 'MHz', low: 0 },
  { metric: 'cpu_percent', label: 'CPU', unit: '%', low: 0, high: 100 },
  { metric: 'temperature_c', label: 'Board temperature', unit: '°C' },
  { metric: 'load_1m', label: 'Load', unit: null, low: 0 },
  { metric: 'memory_cached_bytes', label: 'Page cache', unit: 'bytes', low: 0 },
  { metric: 'memory_pressure_percent', label: 'Waiting for memory', unit: '%', low: 0 },
  { metric: 'disk_available_bytes', label: 'Disk free', unit: 'bytes', low: 0 },
  { metric: 'network_rx_bytes_s', label: 'Received', unit: 'bytes/s', low: 0 },
  { metric: 'network_tx_bytes_s', label: 'Sent', unit: 'bytes/s', low: 0 },
]
