/** @jsxImportSource #jsx */
import type { JobView } from '../../core/jobs/job'
import type { PageData } from '../page-data'
import { isRunning, Log, Phases, Progress } from './job'
import { StateMark } from './state'
import { NextSteps, needsChoice } from './swap-choices'
import { askedBy, cancelLabel, doing, ending, isOnWayBack, outcome, recipeName, swapTitle } from './swap-words'
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

/** How a swap ended, what runs since, why it did not succeed, and what can be done about it. */
export function SwapEnd(props: { job: JobView; data: PageData }) {
  const { job, data } = props
  return (
    <>
      {outcome(job, data) && <p class="outcome">{outcome(job, data)}</p>}
      {job.error && <Trouble cause={job.error.message} remedy={job.error.remedy} />}
      {needsChoice(job, data) && <NextSteps job={job} data={data} />}
    </>
  )
}

function running(job: JobView, data: PageData) {
  const title = doing(job, data)
  const back = isOnWayBack(job)
  return (
    <>
      <header>
        <h2 id="swap-title">{title}</h2>
        <CancelButton job={job} data={data} />
      </header>
      {job.ending !== null && whyBack(job, data)}
      <p class="small">
        {askedBy(job)} {job.previous && !back && `Until now: ${recipeName(job.previous, data)}. `}
        {madeRoom(job, data)}
      </p>
      <Progress job={job} label={title} />
      <Phases job={job} usual={data.usual} />
      <Log id="swap-log" lines={job.log_tail} label="Log of the swap" />
    </>
  )
}

/** Ends a running swap: its label says what is loaded then. */
function CancelButton(props: { job: JobView; data: PageData }) {
  const label = cancelLabel(props.job, props.data)
  if (label === null) return <></>
  return (
    <form method="post" action="/ui/swap/cancel" hx-post="/ui/swap/cancel" hx-swap="none" hx-disable="find button">
      <input type="hidden" name="job" value={props.job.id} />
      <button type="submit" class="quiet">
        {label}
      </button>
    </form>
  )
}

function whyBack(job: JobView, data: PageData) {
  if (job.error) return <Trouble cause={`${swapTitle(job, data)} failed: ${job.error.message}`} remedy={null} />
  return <p class="trouble">{swapTitle(job, data)} was cancelled.</p>
}

function madeRoom({ makes_room: others = [] }: JobView, data: PageData): string {
  const names = others.map(({ service, recipe }) => (recipe === null ? service : recipeName(recipe, data)))
  return names.length === 0 ? '' : `To make room, this ends: ${names.join(', ')}.`
}

function ended(job: JobView, data: PageData) {
  return (
    <>
      <header>
        <h2 id="swap-title">Last swap</h2>
        <StateMark state={job.state} />
      </header>
      <p>
        {ending(job, data)} <Ago time={job.ended_at ?? job.updated_at} now={data.now} />.{' '}
        <a href={`/ui/swap/${job.id}`}>Details</a>
      </p>
      <SwapEnd job={job} data={data} />
      {job.error && job.log_tail.length > 0 && (
        <details>
          <summary>Last log lines</summary>
          <Log id="swap-log" lines={job.log_tail} label="Last log lines of the swap" />
        </details>
      )}
    </>
  )
}
