/** @jsxImportSource #jsx */
import type { Point } from '../../core/history/history'
import { figure } from '../format/figure'
import type { Metric } from '../format/metric'

/** A metric over a stretch of time. */
export interface ChartView extends Metric {
  points: Point[]
  step_s: number
  /** In ms since the epoch. */
  from: number
  to: number
}

const width = 600
const height = 120

/** A series as a line with the band between its lowest and highest; a time without figures is a gap. */
export function Chart(props: { chart: ChartView; over: string; begin: string }) {
  const { chart, over } = props
  const { label, unit, points } = chart
  const lowest = Math.min(...points.map(({ min }) => min))
  const highest = Math.max(...points.map(({ max }) => max))
  const [bottom, top] = ends(lowest, highest, chart)
  const last = figure(points.at(-1)?.avg ?? null, unit)
  const text = `${label}, ${over}: from ${figure(lowest, unit)} to ${figure(highest, unit)}, last ${last}`
  const x = (time: number) => Math.round(((time - chart.from) / (chart.to - chart.from)) * width)
  const y = (value: number) => Math.round(height - ((value - bottom) / (top - bottom)) * height)
  const runs = unbroken(points, chart.step_s)
  return (
    <div class="chart">
      <p>
        <span>{label}</span> <span>{last}</span>
      </p>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={text}>
        <path class="band" d={runs.map((run) => band(run, x, y)).join('')} />
        <path class="line" d={runs.map((run) => line(run, x, y)).join('')} />
      </svg>
      <p>
        <span>{props.begin}</span>{' '}
        <span>
          {figure(bottom, unit)} to {figure(top, unit)}
        </span>{' '}
        <span>now</span>
      </p>
    </div>
  )
}

/** Ends of the scale that hold every figure, a tenth of room above where no end is known. */
function ends(lowest: number, highest: number, { low, high }: Metric): [number, number] {
  const bottom = Math.min(low ?? lowest - (highest - lowest || 1) * 0.1, lowest)
  const top = Math.max(high ?? highest + (highest - bottom) * 0.1, highest)
  return [bottom, top > bottom ? top : bottom + 1]
}

function unbroken(points: Point[], stepS: number): Place[][] {
  const runs: Place[][] = []
  for (const { at, avg, min, max } of points) {
    const place = { time: Date.parse(at), avg, min, max }
    const run = runs.at(-1)
    if (run && place.time - (run.at(-1)?.time ?? 0) <= stepS * 1000 * 1.5) run.push(place)
    else runs.push([place])
  }
  return runs
}

interface Place {
  time: number
  avg: number
  min: number
  max: number
}

type To = (value: number) => number

function line(run: Place[], x: To, y: To): string {
  const places = run.map(({ time, avg }) => `${x(time)} ${y(avg)}`)
  return `M${places.join('L')}${run.length === 1 ? 'h1' : ''}`
}

function band(run: Place[], x: To, y: To): string {
  const above = run.map(({ time, max }) => `${x(time)} ${y(max)}`)
  const below = run.map(({ time, min }) => `${x(time)} ${y(min)}`).reverse()
  return `M${above.join('L')}L${below.join('L')}Z`
}
