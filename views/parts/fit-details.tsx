/** @jsxImportSource #jsx */
import type { Fit } from '../../core/models/memory/fit'
import { bytes } from '../format/bytes'
import type { PageData } from '../page-data'
import { hostTitle } from './model-standing'
import { Table } from './table'
import { Trouble } from './trouble'

/** What a launch takes on each host and what is there, and what would make it fit. */
export function FitDetails(props: { fit: Fit; data: PageData }) {
  const { fit, data } = props
  return (
    <section class="panel" aria-labelledby="fit-title">
      <h2 id="fit-title">{verdicts[String(fit.fits)]}</h2>
      <Trouble cause={fit.reason} remedy={fit.remedies.join(', or ') || null} />
      <Table
        label="Memory by host"
        head={['Host', 'Weights', 'KV cache', 'Overhead', 'Needs', 'Room']}
        rows={Object.entries(fit.hosts).map(([id, host]) => [
          hostTitle(id, data),
          ...[host.weights_bytes, host.kv_bytes, host.overhead_bytes, host.needs_bytes, host.room_bytes].map(amount),
        ])}
      />
      <p class="small">{[basis[fit.basis], context(fit), share(fit)].filter((each) => each !== '').join(' ')}</p>
    </section>
  )
}

const verdicts: Record<string, string> = {
  true: 'It fits into the memory',
  false: 'It does not fit into the memory',
  null: 'Whether it fits is not known',
}

const basis: Record<Fit['basis'], string> = {
  measured: 'Measured at an earlier launch.',
  estimated: "Estimated from the model's configuration; the first launch will measure it.",
}

const plain = new Intl.NumberFormat('en')

function context({ context: wanted, max_context: most }: Fit): string {
  if (wanted === null) return ''
  const room = most === null ? '' : `; ${plain.format(most)} would be the most that fits`
  return `Context: ${plain.format(wanted)} tokens${room}.`
}

function share({ utilization, computed, fits }: Fit): string {
  if (utilization === null || (computed && fits !== true)) return ''
  const percent = `${Math.round(utilization * 100)} %`
  return computed
    ? `It is given ${percent} of the memory, the least that serves that.`
    : `The recipe asks for ${percent} of the memory.`
}

function amount(size: number | null): string {
  return size === null ? 'not known' : bytes(size)
}
