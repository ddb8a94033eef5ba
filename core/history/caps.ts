/**
 * How much is kept. A series takes at most 1.4 MB (20,160 minutes, 9,600 hours and 400 days of up to 46 bytes) and all events 100 MB
 * at 500 bytes each: two Sparks with 50 series stay under 170 MB, the most that is recorded at all under 700 MB.
 */
export const caps = {
  /** In memory only. */
  secondsMs: 15 * 60_000,
  minutesMs: 14 * 24 * 3600_000,
  /** Also the days: whatever is kept of a year is quick to draw. */
  hoursMs: 400 * 24 * 3600_000,
  eventsMs: 400 * 24 * 3600_000,
  events: 200_000,
  /** A metric that would be one more is not recorded. */
  series: 400,
  /** Of one answer. */
  points: 2000,
  /** Kept in memory while the disk takes nothing: minutes of each series, and events. */
  waitingMinutes: 240,
  waitingEvents: 10_000,
  /** Rows deleted at once; of what is too old no more at a flush, so that a clock that jumps ahead costs little. */
  prunedAtOnce: 1000,
} as const
