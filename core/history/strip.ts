import type { Span } from './event'

/** How a subject stood over a stretch of time, cut into pieces of one length of which neighbours alike are one. */
export interface Strip {
  from: number
  to: number
  pieces: Piece[]
  /** Share of the time in which it should have worked and did, 0 to 1; null where there was no such time. */
  up: number | null
  outages: number
  longest_s: number | null
  /** How long it was starting, or stopped. */
  off_s: number
  /** How long it was watched, and how long nobody did. */
  watched_s: number
  unwatched_s: number
}

export interface Piece {
  from: number
  to: number
  /** The worst state within it. */
  state: string
  cause: string | null
}

// Worst first. A short time in which nobody watched must not hide how it was in the rest of a piece.
const ranks = ['unreachable', 'refused', 'down', 'unresponsive', 'stalled', 'starting', 'stopped', 'busy', 'up']
const outage = ranks.slice(0, 5)
const working = ['up', 'busy']
const off = ['starting', 'stopped']

/** Cuts states, oldest first, into `count` pieces that end at whole multiples of their length, so that they stand still between two looks. */
export function strip(spans: Span[], spanMs: number, count: number, now: number): Strip {
  const length = spanMs / count
  const end = Math.ceil(now / length) * length
  let first = 0
  const pieces = Array.from({ length: count }, (_, index) => {
    const from = end - spanMs + index * length
    const inside: Span[] = []
    // Strips of subjects that flapped for days have thousands of states: each is looked at once.
    while ((spans[first]?.to ?? end) <= from) first++
    for (let span = spans[first], next = first; span && span.from < from + length; span = spans[++next])
      inside.push(span)
    return pieceOf(inside, from, from + length)
  })
  return { from: end - spanMs, to: end, pieces: joined(pieces), ...summary(spans, end - spanMs) }
}

function pieceOf(inside: Span[], from: number, to: number): Piece {
  const lasting = (span: Span) => Math.min(span.to, to) - Math.max(span.from, from)
  const watched = inside.filter(({ state }) => ranks.includes(state))
  const worst = watched.toSorted((a, b) => ranks.indexOf(a.state) - ranks.indexOf(b.state))[0]
  const time = watched.reduce((sum, span) => sum + lasting(span), 0)
  const all = inside.reduce((sum, span) => sum + lasting(span), 0)
  if (!worst || (time < all / 2 && !outage.includes(worst.state))) return { from, to, state: 'unknown', cause: null }
  return { from, to, state: worst.state, cause: outage.includes(worst.state) ? worst.cause : null }
}

function joined(pieces: Piece[]): Piece[] {
  const found: Piece[] = []
  for (const piece of pieces) {
    const last = found.at(-1)
    if (last && last.state === piece.state && last.cause === piece.cause) last.to = piece.to
    else found.push({ ...piece })
  }
  return found
}

function summary(spans: Span[], from: number) {
  const times = spans.map((span) => ({ ...span, ms: Math.max(0, span.to - Math.max(span.from, from)) }))
  const total = (states: string[]) => times.reduce((sum, { state, ms }) => sum + (states.includes(state) ? ms : 0), 0)
  const expected = total(working) + total(outage)
  const lost = outages(times)
  return {
    up: expected === 0 ? null : total(working) / expected,
    outages: lost.length,
    longest_s: lost.length === 0 ? null : Math.max(...lost) / 1000,
    off_s: total(off) / 1000,
    watched_s: total(ranks) / 1000,
    unwatched_s: times.reduce((sum, { state, ms }) => sum + (ranks.includes(state) ? 0 : ms), 0) / 1000,
  }
}

/** Lengths of the outages; one that goes on under another name (unresponsive, then unreachable) is one. */
function outages(times: (Span & { ms: number })[]): number[] {
  const found: number[] = []
  times.forEach(({ state, ms }, index) => {
    if (!outage.includes(state) || ms === 0) return
    if (outage.includes(times[index - 1]?.state ?? '')) found.push((found.pop() ?? 0) + ms)
    else found.push(ms)
  })
  return found
}
