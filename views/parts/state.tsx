/** @jsxImportSource #jsx */
import type { HostState, ServiceState } from '../../core/cluster/snapshot'
import type { JobState, PhaseView } from '../../core/jobs/job'
import type { DiskState } from '../../core/models/disk/found-model'
import { Lasting } from './when'

/** How a state is drawn: one colour and one shape each, so that neither carries the meaning alone. */
export type Tone = 'ok' | 'busy' | 'warning' | 'bad' | 'off' | 'unknown'

type State = HostState | ServiceState | JobState | PhaseView['state'] | DiskState

/** The mark of a state: its shape and its word. */
export function StateMark(props: { state: State }) {
  const { word, tone } = states[props.state] ?? { word: props.state, tone: 'unknown' }
  return (
    <span class={`state ${tone}`}>
      <Shape tone={tone} /> {word}
    </span>
  )
}

/** Since when a state holds, as the words go on after it: `up for 3 h`. */
export function StateLasting(props: { state: State; since: string | null; now: string }) {
  if (!props.since) return <></>
  return (
    <>
      {' '}
      · {states[props.state].word.toLowerCase()} for <Lasting since={props.since} now={props.now} />
    </>
  )
}

/** The bare shape of a tone, hidden from screen readers: words stand beside it. */
export function Shape(props: { tone: Tone }) {
  return (
    <svg class={`shape ${props.tone}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={shapes[props.tone]} />
    </svg>
  )
}

/** The tone in which a state is drawn; a recorded state may be of a version that is no more. */
export function toneOf(state: string): Tone {
  return known[state]?.tone ?? 'unknown'
}

/** A state as a word within a sentence. */
export function wordOf(state: string): string {
  return known[state]?.word.toLowerCase() ?? state
}

const states: Record<State, { word: string; tone: Tone }> = {
  up: { word: 'Up', tone: 'ok' },
  busy: { word: 'Busy', tone: 'busy' },
  starting: { word: 'Starting', tone: 'busy' },
  stalled: { word: 'Stalled', tone: 'warning' },
  stopped: { word: 'Stopped', tone: 'off' },
  down: { word: 'Down', tone: 'bad' },
  unreachable: { word: 'Unreachable', tone: 'bad' },
  unresponsive: { word: 'Not responding', tone: 'warning' },
  refused: { word: 'Refuses the connection', tone: 'bad' },
  unknown: { word: 'Not known', tone: 'unknown' },
  queued: { word: 'Waiting', tone: 'busy' },
  pending: { word: 'To do', tone: 'off' },
  running: { word: 'Running', tone: 'busy' },
  done: { word: 'Done', tone: 'ok' },
  skipped: { word: 'Not needed', tone: 'off' },
  failed: { word: 'Failed', tone: 'bad' },
  rolled_back: { word: 'Failed, previous model is back', tone: 'warning' },
  cancelled: { word: 'Cancelled', tone: 'off' },
  needs_attention: { word: 'Needs you', tone: 'bad' },
  ready: { word: 'Ready', tone: 'ok' },
  partial: { word: 'Not whole', tone: 'warning' },
  downloading: { word: 'Downloading', tone: 'busy' },
  missing: { word: 'Not there', tone: 'off' },
}

const known: Record<string, { word: string; tone: Tone } | undefined> = states

// A disc with a tick, an arc, a triangle, an octagon with a cross, a square, a ring with a gap.
const shapes: Record<Tone, string> = {
  ok: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.7 5.2-4.4 5a.8.8 0 0 1-1.2 0L4.2 9.1l1.2-1.1 1.3 1.5L10.5 5.1Z',
  busy: 'M8 1a7 7 0 1 1-7 7h2.2A4.8 4.8 0 1 0 8 3.2Z',
  warning: 'M8 1 15.5 14.5H.5ZM7.2 5.8v4.4h1.600V5.8Zm0 5.400v1.600h1.600v-1.600Z',
  bad: 'M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1Zm.7 3.6L4.600 5.8 6.8 8l-2.2 2.2 1.2 1.2L8 9.2l2.2 2.2 1.2-1.2L9.2 8l2.2-2.2-1.2-1.2L8 6.8Z',
  off: 'M3 3h10v10H3Z',
  unknown: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z',
}
