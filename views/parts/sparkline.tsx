/** @jsxImportSource #jsx */
import { figure } from '../format/figure'
import type { SparklineView } from '../page-data'

const width = 120
const height = 24

/** The newest figures as a line; where nothing was seen there is a gap. Nothing at all is drawn of nothing. */
export function Sparkline(props: { line: SparklineView; over: string; low?: number; high?: number }) {
  const { values } = props.line
  const seen = values.filter((value) => value !== null)
  if (seen.length === 0) return <></>
  const place = scale(seen, props)
  const line = path(values.map((value) => (value === null ? null : place(value))))
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={described(props.line, seen, props.over)}
    >
      <path class="line" d={line} />
    </svg>
  )
}

function described({ label, unit, values }: SparklineView, seen: number[], over: string): string {
  const [low, high] = [Math.min(...seen), Math.max(...seen)]
  const range = low === high ? 'steady' : `from ${figure(low, unit)} to ${figure(high, unit)}`
  const last = figure(seen.at(-1) ?? null, unit)
  return `${label}, ${over}: ${range}, ${values.at(-1) === null ? 'last' : 'now'} ${last}`
}

/** Where a figure stands from the top; a range that hardly moves is not blown up to fill the height. */
function scale(seen: number[], ends: { low?: number; high?: number }) {
  const low = Math.min(ends.low ?? Number.POSITIVE_INFINITY, ...seen)
  const high = Math.max(ends.high ?? Number.NEGATIVE_INFINITY, ...seen)
  const span = Math.max(high - low, Math.abs(high) * 0.1, 1e-9)
  const bottom = ends.low ?? (low + high - span) / 2
  return (value: number) => round(height - 1 - ((value - bottom) / span) * (height - 2))
}

function path(places: (number | null)[]): string {
  const step = width / Math.max(1, places.length - 1)
  let text = ''
  places.forEach((place, index) => {
    if (place === null) return
    const alone = (places[index - 1] ?? null) === null
    text += `${alone ? 'M' : 'L'}${round(index * step)} ${place}`
    // A figure between two gaps is a dot, which a path draws only of a line.
    if (alone && (places[index + 1] ?? null) === null) text += 'h.1'
  })
  return text
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
