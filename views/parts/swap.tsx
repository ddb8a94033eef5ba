/** @jsxImportSource #jsx */
import type { JobView } from '../../core/jobs/job'
import type { PageData } from '../page-data'
import { isRunning, Log, Phases, Progress } from './job'
import { StateMark } from './state'
import { Trouble } from './trouble'
import { Ago } from './when'

/** The running swap with its cancel, or how the last one ended; an empty block where there was none. */
export function swapPart(data: PageData) {
  const job = data.cluster.swap
  if (!job) return <section id="swap" hidden />
  return (
    <section id="swap" class="panel" aria-labelledby="swap-title">
      {isRunning(job) ? running(job, data) : ended(job, data)}
    </section>
  )
}

/** What a swap is for, as a sentence begins: `Swap to Qwen3`, `Unload the model`. */
export function swapTitle(job: JobView, data: PageData): string {
  return job.recipe === null ? 'Unload the model' : `Swap to ${recipeName(job.recipe, data)}`
}

/** Stops a running swap; no model is loaded afterwards. */
export function CancelButton(props: { job: JobView }) {
  return (
    <form method="post" action="/ui/swap/cancel" hx-post="/ui/swap/cancel" hx-swap="none" hx-disable="find button">
      <input type="hidden" name="job" value={props.job.id} />
      <button type="submit" class="quiet">
        Cancel the swap
      </button>
    </form>
  )
}

function running(job: JobView, data: PageData) {
  const title = swapTitle(job, data)
  return (
    <>
      <header>
        <h2 id="swap-title">{title}</h2>
        <CancelButton job={job} />
      </header>
      {job.previous && <p class="small">Until now: {recipeName(job.previous, data)}</p>}
      <Progress job={job} label={title} />
      <Phases job={job} />
      <Log id="swap-log" lines={job.log_tail} label="Log of the swap" />
    </>
  )
}

function ended(job: JobView, data: PageData) {
  return (
    <>
      <header>
        <h2 id="swap-title">Last swap</h2>
        <StateMark state={job.state} />
      </header>
      <p>
        {swapTitle(job, data)}, {endings[job.state] ?? 'ended'}{' '}
        <Ago time={job.ended_at ?? job.updated_at} now={data.now} />. <a href={`/ui/swap/${job.id}`}>Details</a>
      </p>
      {job.error && <Trouble cause={job.error.message} remedy={job.error.remedy} />}
      {job.error && job.log_tail.length > 0 && (
        <details>
          <summary>Last log lines</summary>
          <Log id="swap-log" lines={job.log_tail} label="Last log lines of the swap" />
        </details>
      )}
    </>
  )
}

const endings: Partial<Record<JobView['state'], string>> = {
  done: 'done',
  failed: 'failed',
  rolled_back: 'failed and undone',
  cancelled: 'cancelled',
  needs_attention: 'stopped half-way',
}

function recipeName(id: string, data: PageData): string {
  return data.recipes.find((recipe) => recipe.id === id)?.name ?? id
}
