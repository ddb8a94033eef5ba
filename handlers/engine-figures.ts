import type { EngineMetrics } from '../core/cluster/engine-metrics'
import type { FactView } from '../core/cluster/snapshot'

/** Makes the figures of an engine's tile from its metrics; remembers the last ones, for the speed. */
export function engineFigures(): (metrics: EngineMetrics | null) => FactView[] {
  let last: { tokens: number; at: number } | null = null

  function speedOf(tokens: number | null): number | null {
    const before = last
    const now = performance.now()
    last = tokens === null ? null : { tokens, at: now }
    // Fewer tokens than before: it was started anew.
    if (tokens === null || before === null || tokens < before.tokens) return null
    return ((tokens - before.tokens) * 1000) / (now - before.at)
  }

  return function figures(metrics) {
    const speed = speedOf(metrics?.tokens ?? null)
    return [
      { label: 'Running', value: metrics?.running ?? null, unit: 'requests' },
      { label: 'Waiting', value: metrics?.waiting ?? null, unit: 'requests' },
      { label: 'Speed', value: speed === null ? null : oneDecimal(speed), unit: 'tokens/s' },
      { label: 'KV cache', value: metrics?.cache == null ? null : oneDecimal(metrics.cache * 100), unit: '%' },
    ]
  }
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10
}
