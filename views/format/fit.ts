import type { Fit } from '../../core/models/memory/fit'
import { bytes, bytesOf } from './bytes'

/**
 * Whether a launch fits, in one line to stand after a dot: `needs 48.0 of 121.7 GiB, measured`,
 * `11.0 GiB too much, estimated: stop ComfyUI (9 GiB) or lower max_model_len to 131072`.
 * @param totals memory of each host in bytes; null where it is not known
 */
export function fitText(fit: Fit, totals: Record<string, number | null>): string {
  if (fit.fits === null) return `whether it fits is not known${fit.reason ? `: ${fit.reason}` : ''}`
  const short = Math.max(0, ...Object.values(fit.hosts).map(({ short_bytes }) => short_bytes))
  if (!fit.fits) return `${short > 0 ? `${bytes(short)} too much` : 'does not fit'}, ${fit.basis}: ${remedy(fit)}`
  const [largest] = Object.entries(fit.hosts).toSorted(([, a], [, b]) => (b.needs_bytes ?? 0) - (a.needs_bytes ?? 0))
  if (!largest || largest[1].needs_bytes === null) return 'fits, as far as is known'
  const [host, { needs_bytes: needs }] = largest
  const total = totals[host] ?? null
  const many = Object.keys(fit.hosts).length > 1 ? ' on each host' : ''
  return `needs ${total === null ? bytes(needs) : bytesOf(needs, total)}${many}, ${fit.basis}`
}

function remedy({ remedies, reason }: Fit): string {
  return remedies.slice(0, 2).join(' or ') || reason || 'choose a smaller model'
}
