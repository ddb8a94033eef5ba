/** @jsxImportSource #jsx */
import type { JobView, PhaseView } from '../../core/jobs/job'
import { finalStates } from '../../core/jobs/job'
import { duration, estimate } from '../format/duration'
import { StateMark, toneOf } from './state'

/** Whether a job still works. */
export function isRunning(job: JobView): boolean {
  return !finalStates.includes(job.state)
}

/** How far a job is in whole percent; never 100 before it has ended. */
export function percent(job: JobView): number {
  const whole = Math.floor(Math.min(1, Math.max(0, job.progress || 0)) * 100)
  return isRunning(job) ? Math.min(99, whole) : whole
}

/** The bar of a running job, its share and its honest time left. */
export function Progress(props: { job: JobView; label: string }) {
  const { job, label } = props
  const share = percent(job)
  const left = job.eta_s === null ? 'time left not known yet' : `${estimate(job.eta_s)} left`
  const text = `${share} %, ${left}`
  return (
    <div class="progress">
      <progress max="100" value={share} aria-label={label} aria-valuetext={text}>
        {share} %
      </progress>
      <p class="small">
        <span>{share} %</span> <span>{left}</span>
      </p>
    </div>
  )
}

/** The phases of a job with their states, what happens in them and how long they took. */
export function Phases(props: { job: JobView }) {
  return (
    <ol class="phases">
      {props.job.phases.map((phase) => (
        <li class={toneOf(phase.state)} aria-current={phase.state === 'running' ? 'step' : null}>
          <StateMark state={phase.state} />
          <span class="phase">{phase.title ?? phaseTitles[phase.name] ?? phase.name}</span>
          {phase.detail && <span class="small">{phase.detail}</span>}
          <span class="small took">{took(phase)}</span>
        </li>
      ))}
    </ol>
  )
}

/** The last lines a job logged, kept at their end by the browser's script. */
export function Log(props: { id: string; lines: string[]; label: string }) {
  if (!props.lines.length) return <p class="small">No log lines yet.</p>
  return (
    <pre id={props.id} class="log" tabindex={0} role="group" aria-label={props.label} data-log hx-ignore>
      {props.lines.join('\n')}
    </pre>
  )
}

const phaseTitles: Record<string, string> = {
  preflight: 'Check',
  stop: 'Stop the model',
  memory: 'Free the memory',
  launch: 'Start the launcher',
  load: 'Load the weights',
  first_token: 'First answer',
}

function took(phase: PhaseView): string {
  if (!phase.started_at || !phase.ended_at) return ''
  return duration((Date.parse(phase.ended_at) - Date.parse(phase.started_at)) / 1000)
}
