import { bytes } from './bytes'
import { duration } from './duration'

const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

/** A measured value with its unit: `45 %`, `1,234 tokens/s`, `3.5 GiB`; null is `not known`. */
export function figure(value: string | number | null, unit: string | null = null): string {
  if (value === null || value === '' || Number.isNaN(value)) return 'not known'
  if (typeof value === 'number') {
    if (unit === 'bytes' || unit === 'B') return bytes(value)
    if (unit === 'bytes/s') return `${bytes(value)}/s`
    if (unit === 's') return duration(value)
  }
  const text = typeof value === 'number' ? plain.format(value) : value
  return unit ? `${text} ${unit}` : text
}
