import type { Span, StateChange } from './event'
import type { StoredState } from './events'

/** A change that is not written yet. */
export type PendingState = Pick<StateChange, 'to' | 'at' | 'cause'>

/** What a subject was from `from` to `to`, without a gap: `unknown` where nothing is recorded; `pending` changes are not written yet. */
export function spans(stored: StoredState[], pending: PendingState[], from: number, to: number): Span[] {
  const found: Span[] = []
  const add = (state: string, until: number, cause: string | null) => {
    const begin = found.at(-1)?.to ?? from
    const end = Math.min(until, to)
    if (end > begin) found.push({ state, from: begin, to: end, cause })
  }
  for (const each of following(stored, pending)) {
    add('unknown', each.from, null)
    add(each.state, each.to ?? to, each.cause)
  }
  add('unknown', to, null)
  return found
}

function following(stored: StoredState[], pending: PendingState[]): StoredState[] {
  const all = stored.map((each) => ({ ...each }))
  for (const { to: state, at, cause } of pending) {
    const last = all.at(-1)
    if (last) last.to ??= at
    all.push({ state, from: at, to: null, cause })
  }
  return all
}
