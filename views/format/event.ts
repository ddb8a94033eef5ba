import type { RecordedEvent } from '../../core/history/event'
import { duration } from './duration'

/** What a recorded event says of its subject, to stand after its title: `was unreachable for 14 s`; what lasts is told by its begin. */
export function eventText({ type, text, state, duration_s: length, ended_at: ended }: RecordedEvent): string {
  if (state === null) return text ?? type
  const [lasts, lasted] = phrases[state] ?? [`has been ${state}`, `was ${state}`]
  if (ended === null) return lasts
  return length !== null && length < 0.95 ? `${lasted} for a moment` : `${lasted} for ${duration(length ?? 0)}`
}

/** Whether other entries tell already what this one says: that a trouble is over, or that all was well before one. */
export function isRecovery({ state, from, ended_at: ended }: RecordedEvent): boolean {
  if (state === 'unknown') return true
  return state === 'up' && (ended !== null || troubles.includes(from ?? ''))
}

const troubles = ['unreachable', 'unresponsive', 'refused', 'down', 'stalled', 'busy']

const phrases: Record<string, [lasts: string, lasted: string]> = {
  unresponsive: ['has not responded', 'did not respond'],
  refused: ['has refused the connection', 'refused the connection'],
}
