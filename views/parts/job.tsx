/** @jsxImportSource #jsx */
import type { JobView, PhaseView } from '../../core/jobs/job'
import { finalStates } from '../../core/jobs/job'
import { duration, estimate } from '../format/duration'
import { StateMark, toneOf } from './state'
import { Lasting } from './when'

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

/**
 * The phases of a job with their states, what happens in them and how long they took.
 * @param usual by phase: seconds that it usually takes, where that is known
 */
export function Phases(props: { job: JobView; usual?: Record<string, number> }) {
  const { job, usual = {} } = props
  const turned = job.phases.some(({ name }) => name.startsWith('back_'))
  // On a way back what was not reached is of no interest.
  const shown = job.phases.filter(({ state }) => !turned || state !== 'skipped')
  return (
    <ol class="phases">
      {shown.map((phase) => (
        <li class={toneOf(phase.state)} aria-current={phase.state === 'running' ? 'step' : null}>
          <StateMark state={phase.state} />
          <span class="phase">{phase.title ?? phaseTitles[phase.name] ?? phase.name}</span>
          <span class="small took">{took(phase, job.updated_at)}</span>
          {(phase.detail || usually(phase, usual)) && (
            <span class="small">{[phase.detail, usually(phase, usual)].filter((each) => each).join(' · ')}</span>
          )}
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
  plan: 'Make a plan',
  preflight: 'Check every Spark',
  drain: 'Let running requests finish',
  stop: 'Stop the model',
  memory: 'Free the memory',
  launch: 'Start the server',
  load: 'Load the model',
  first_token: 'Get a first answer',
  commit: 'Write it down',
  back_stop: 'Clear away the failed one',
  back_memory: 'Free the memory',
  back_launch: 'Start the server again',
  back_load: 'Load the model from before',
  back_first_token: 'Get a first answer',
}

function took({ state, started_at: began, ended_at: end }: PhaseView, now: string) {
  if (!began) return ''
  if (end) return duration((Date.parse(end) - Date.parse(began)) / 1000)
  return state === 'running' ? <Lasting since={began} now={now} /> : ''
}

// What takes a moment is not worth a comparison.
function usually({ name, state }: PhaseView, usual: Record<string, number>): string {
  const seconds = usual[name]
  return seconds === undefined || seconds < 2 || state === 'skipped' ? '' : `usually ${duration(seconds)}`
}
