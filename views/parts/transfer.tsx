/** @jsxImportSource #jsx */
import type { JobView, TransferView } from '../../core/jobs/job'
import { bytes, bytesOf, bytesPerSecond } from '../format/bytes'
import { estimate } from '../format/duration'
import { percent } from './job'

/** The bar of a download, copy or delete: bytes of the total, rate and time left, as far as they are known. */
export function TransferBar(props: { job: JobView; label: string }) {
  const { job, label } = props
  const known = (job.transfer?.total_bytes ?? null) !== null || job.progress > 0
  const [amount, rest] = [job.transfer ? amountOf(job.transfer) : `${percent(job)} %`, restOf(job)]
  return (
    <div class="progress">
      <progress
        max="100"
        value={known ? percent(job) : null}
        aria-label={label}
        aria-valuetext={`${amount}, ${rest}`}
      />
      <p class="small">
        <span>{amount}</span> <span>{rest}</span>
      </p>
    </div>
  )
}

/** Ends a download, copy or delete; what has arrived stays on the disk. */
export function CancelTransfer(props: { job: JobView }) {
  return (
    <form method="post" action={cancel} hx-post={cancel} hx-swap="none" hx-disable="find button">
      <input type="hidden" name="job" value={props.job.id} />
      <button type="submit" class="quiet" aria-label={`Cancel: ${transferTitle(props.job)}`}>
        Cancel
      </button>
    </form>
  )
}

/** Brings a model onto the hosts that its recipe runs on; what is there already is not fetched again. With `leave` the answer is the page of models. */
export function DownloadForm(props: { repo: string; label: string; name: string; quiet?: boolean; leave?: boolean }) {
  const byHtmx = props.leave ? {} : { 'hx-post': download, 'hx-swap': 'none', 'hx-disable': 'find button' }
  return (
    <form method="post" action={download} {...byHtmx}>
      <input type="hidden" name="repo" value={props.repo} />
      <button type="submit" class={props.quiet ? 'quiet' : null} aria-label={`${props.label}: ${props.name}`}>
        {props.label}
      </button>
    </form>
  )
}

/** What such a job does, for a person. */
export function transferTitle(job: JobView): string {
  return job.title ?? `${job.action ?? 'Transfer of'} ${job.repo ?? 'a model'}`
}

/** What happens in it now, in plain words; null where nothing tells. */
export function transferDetail({ phases }: JobView): string | null {
  const phase = phases.find(({ state }) => state === 'running')
  if (!phase) return null
  return [phase.title ?? phase.name, phase.detail].filter((each) => each).join(': ')
}

const cancel = '/ui/models/cancel'
const download = '/ui/models/download'

function amountOf({ done_bytes: done, total_bytes: total }: TransferView): string {
  return total === null ? `${bytes(done)} so far, its size is not known` : bytesOf(done, total)
}

function restOf({ transfer, eta_s: left }: JobView): string {
  const rate = transfer?.bytes_s == null ? '' : `${bytesPerSecond(transfer.bytes_s)}, `
  return `${rate}${left === null ? 'time left not known yet' : `${estimate(left)} left`}`
}
