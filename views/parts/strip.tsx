/** @jsxImportSource #jsx */
import type { Piece, Strip } from '../../core/history/strip'
import { moment } from '../format/age'
import { duration } from '../format/duration'
import { type Tone, toneOf, wordOf } from './state'

const height = 12

/** How something stood over the last hours or days: a low band where all was well, a tall mark where it was not. */
export function StripChart(props: { strip: Strip | undefined; over: string }) {
  const { strip, over } = props
  if (!strip) return <></>
  const text = stripText(strip, over)
  return (
    <div class="history">
      <p>
        <span>{over}</span> <span>{shownText(strip)}</span>
      </p>
      <svg class="strip" viewBox={`0 0 1000 ${height}`} preserveAspectRatio="none" role="img" aria-label={text}>
        {strip.pieces.map((piece) => mark(piece, strip))}
      </svg>
    </div>
  )
}

/** `99.8 % up in the last 24 h, 2 outages, longest 14 s`. */
export function stripText(strip: Strip, over: string): string {
  const lost =
    strip.longest_s === null
      ? 'no outage'
      : `${strip.outages} ${strip.outages === 1 ? 'outage' : 'outages'}, longest ${duration(strip.longest_s)}`
  const words = `${over[0]?.toLowerCase()}${over.slice(1)}`
  const also = [
    { what: 'not running', seconds: strip.off_s },
    { what: 'not watched', seconds: strip.unwatched_s },
  ].map(({ what, seconds }) => (seconds >= 60 ? `, ${what} for ${duration(seconds)}` : ''))
  const up = upText(strip)
  return `${up[0]?.toUpperCase()}${up.slice(1)} in the ${words}${strip.up === null ? '' : `, ${lost}`}${also.join('')}`
}

// A share of two minutes must not pass for one of a day.
function shownText(strip: Strip): string {
  const partly = strip.up !== null && strip.unwatched_s * 10 > strip.watched_s
  return partly ? `${upText(strip)} of ${duration(strip.watched_s)} watched` : upText(strip)
}

// Never rounded up: what was lost for a second was not 100 %.
function upText({ up, off_s: off }: Strip): string {
  if (up === null) return off > 0 ? 'not running' : 'not watched'
  return `${Math.floor(up * 10_000) / 100} % up`
}

function mark(piece: Piece, strip: Strip) {
  const tone = toneOf(piece.state)
  const place = (time: number) => Math.round(((time - strip.from) / (strip.to - strip.from)) * 1000)
  const tall = heights[tone]
  return (
    <rect
      class={tone}
      x={place(piece.from)}
      y={height - tall}
      width={place(piece.to) - place(piece.from)}
      height={tall}
    >
      <title>{pieceText(piece)}</title>
    </rect>
  )
}

// Height tells the same as colour, for whoever does not see the colours.
const heights: Record<Tone, number> = { ok: 5, busy: 7, off: 3, unknown: 1, warning: 10, bad: 12 }

function pieceText({ from, to, state, cause }: Piece): string {
  const [begin, end] = [from, to].map((time) => moment(new Date(time).toISOString()).replace(/:\d\d UTC$/, ''))
  const what = state === 'unknown' ? 'not watched' : wordOf(state)
  return `${begin} to ${end?.slice(end.startsWith(begin?.slice(0, 10) ?? '') ? 11 : 0)} UTC: ${what}${cause ? `: ${cause}` : ''}`
}
