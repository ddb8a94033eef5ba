import { caps } from './caps'

/** Where the points of an answer are read, and how far apart they are. */
export interface Resolution {
  source: 'second' | 'minute' | 'hour' | 'day'
  step_s: number
}

const fewestPoints = 240
const minute = 60
const hour = 3600
const day = 86_400
// What is just being forgotten may still be asked for by whoever counted back from a moment ago.
const slackMs = 60_000
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day]

/** The step asked for, or the coarsest that still gives some 300 points; raised where the past is kept more coarsely or 2,000 points would not do. */
export function resolution(query: { from: number; to: number; step?: number; now: number }): Resolution {
  const { from, to, now } = query
  const span = Math.max(1, (to - from) / 1000)
  const usual = steps.findLast((each) => each <= span / fewestPoints) ?? 1
  const wanted = Math.max(1, query.step ?? usual, span / caps.points)
  const kept = (ms: number) => from >= now - ms - slackMs
  if (wanted < minute && kept(caps.secondsMs)) return { source: 'second', step_s: Math.ceil(wanted) }
  if (wanted < hour && kept(caps.minutesMs))
    return { source: 'minute', step_s: Math.max(1, Math.ceil(wanted / minute)) * minute }
  if (wanted < day) return { source: 'hour', step_s: Math.max(1, Math.ceil(wanted / hour)) * hour }
  return { source: 'day', step_s: Math.ceil(wanted / day) * day }
}
