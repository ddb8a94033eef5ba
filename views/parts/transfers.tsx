/** @jsxImportSource #jsx */
import type { JobView } from '../../core/jobs/job'
import type { PageData } from '../page-data'
import { StateMark } from './state'
import { CancelTransfer, DownloadForm, TransferBar, transferDetail, transferTitle } from './transfer'
import { Trouble } from './trouble'
import { Ago } from './when'

/** Downloads, copies and deletes that run, and how the last ones ended; an empty block where there was none. */
export function transfersPart(ended: JobView[], data: PageData) {
  const running = data.jobs.filter(({ kind }) => kind === 'model')
  if (running.length === 0 && ended.length === 0) return <section id="transfers" hidden />
  return (
    <section id="transfers" class="panel" aria-labelledby="transfers-title">
      <h2 id="transfers-title">{running.length > 0 ? 'In progress' : 'Last downloads and deletes'}</h2>
      {running.length > 0 && <RunningTransfers jobs={running} />}
      {ended.length > 0 && <ul class="jobs">{ended.map((job) => past(job, data))}</ul>}
    </section>
  )
}

/** Each with its bar, what happens in it now, and its cancel. */
export function RunningTransfers(props: { jobs: JobView[] }) {
  return (
    <ul class="jobs">
      {props.jobs.map((job) => (
        <li id={`job-${job.id}`}>
          <div class="heading">
            <h3>{transferTitle(job)}</h3>
            <CancelTransfer job={job} />
          </div>
          <TransferBar job={job} label={transferTitle(job)} />
          {transferDetail(job) && <p class="small">{transferDetail(job)}</p>}
        </li>
      ))}
    </ul>
  )
}

function past(job: JobView, data: PageData) {
  const again = job.action === 'download' && job.repo && job.state !== 'done'
  const detail = job.phases.findLast((phase) => phase.detail)?.detail
  return (
    <li id={`job-${job.id}`}>
      <p>
        <StateMark state={job.state} /> {transferTitle(job)},{' '}
        <span class="small">
          ended <Ago time={job.ended_at ?? job.updated_at} now={data.now} />
        </span>
      </p>
      {job.state === 'done' && detail && <p class="small">{detail}</p>}
      {job.error && <Trouble cause={job.error.message} remedy={job.error.remedy} />}
      {again && <DownloadForm repo={job.repo ?? ''} name={job.repo ?? ''} label="Try again" quiet />}
    </li>
  )
}
