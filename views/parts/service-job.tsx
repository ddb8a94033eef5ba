/** @jsxImportSource #jsx */
import type { ServiceView } from '../../core/cluster/snapshot'
import type { JobView } from '../../core/jobs/job'
import type { PageData } from '../page-data'
import { isRunning, Log, Phases, Progress } from './job'
import { StateMark } from './state'
import { swapTitle } from './swap-words'
import { Trouble } from './trouble'
import { Ago } from './when'

/** On a tile: the action that runs on this service now; renders nothing where none does. */
export function RunningAction(props: { service: ServiceView; data: PageData }) {
  const job = props.data.jobs.find((each) => each.service === props.service.id)
  if (!job) return <></>
  const phase = job.phases.find((each) => each.state === 'running')
  return (
    <p class="small">
      <StateMark state="running" /> {job.title}
      {phase && `: ${phase.title ?? phase.name}`}
    </p>
  )
}

/** The action that runs on a service with its cancel, or how the last one ended; an empty block where there was none. */
export function serviceJobPart(service: string, job: JobView | null, data: PageData) {
  const id = `job-${service}`
  if (!job) return <section id={id} hidden />
  return (
    <section id={id} class="panel" aria-labelledby={`${id}-title`}>
      {isRunning(job) ? running(job, id, data) : ended(job, id, data)}
    </section>
  )
}

function running(job: JobView, id: string, data: PageData) {
  const title = titleOf(job, data)
  const cancel = `/ui/services/${job.service}/cancel`
  return (
    <>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        <form method="post" action={cancel} hx-post={cancel} hx-swap="none" hx-disable="find button">
          <input type="hidden" name="job" value={job.id} />
          <button type="submit" class="quiet" aria-label={`Cancel: ${title}`}>
            Cancel
          </button>
        </form>
      </header>
      <Progress job={job} label={title} />
      <Phases job={job} />
      <Log id={`${id}-log`} lines={job.log_tail} label="Log of the action" />
    </>
  )
}

function ended(job: JobView, id: string, data: PageData) {
  return (
    <>
      <header>
        <h2 id={`${id}-title`}>Last action</h2>
        <StateMark state={job.state} />
      </header>
      <p>
        {titleOf(job, data)}, ended <Ago time={job.ended_at ?? job.updated_at} now={data.now} />.
      </p>
      {job.error && <Trouble cause={job.error.message} remedy={job.error.remedy} />}
      <details>
        <summary>What was done</summary>
        <Phases job={job} />
        {job.log_tail.length > 0 && <Log id={`${id}-log`} lines={job.log_tail} label="Log of the action" />}
      </details>
    </>
  )
}

function titleOf(job: JobView, data: PageData): string {
  return job.title ?? swapTitle(job, data)
}
