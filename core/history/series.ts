import type { Store } from '../store/store'
import { caps } from './caps'
import type { Resolution } from './resolution'
import { averages, type Ring, ring } from './ring'
import { addTo, type Bucket, bucketOf, rollup, startOf } from './rollup'

export interface Series {
  sample(subject: string, figures: Record<string, number | null>, at: number): void
  /** Buckets of one metric, each by the second at which its step begins, oldest first. */
  read(subject: string, metric: string, from: number, to: number, resolution: Resolution): [number, Bucket][]
  recent(subject: string, metric: string, spanMs: number, points: number, now: number): (number | null)[]
  metrics(subject: string): string[]
  /** Writes the minutes that waited, the running one too where `all`; returns what to call once that is committed. */
  write(now: number, all: boolean): () => void
  /** Deletes a few of those that are too old; after 60 calls every series had its turn. */
  prune(now: number): void
}

interface Track {
  /** Of the table `series`; null until it is first written. */
  id: number | null
  seconds: Ring
  /** Minutes by their first second, not written yet. */
  waiting: Map<number, Bucket>
}

const minute = 60
const turns = 60
const tables = [
  { name: 'minutes', step: minute, ms: caps.minutesMs },
  { name: 'hours', step: 3600, ms: caps.hoursMs },
  { name: 'days', step: 86_400, ms: caps.hoursMs },
] as const

/** Owns the tables `series`, `minutes`, `hours` and `days`, and the seconds in memory. @param onDrop told of each minute that was never written */
export function series(store: Store, onDrop: () => void = () => {}): Series {
  const tracks = new Map<string, Map<string, Track>>()
  let count = 0
  let turn = 0
  for (const { id, subject, metric } of store.query('SELECT id, subject, metric FROM series').all() as Named[])
    add(subject, metric, id)

  function add(subject: string, metric: string, id: number | null): Track {
    const of = tracks.get(subject) ?? new Map<string, Track>()
    const track = { id, seconds: ring(caps.secondsMs / 1000), waiting: new Map() }
    tracks.set(subject, of.set(metric, track))
    count++
    return track
  }

  function sample(subject: string, figures: Record<string, number | null>, at: number) {
    const second = Math.floor(at / 1000)
    if (second < 0) return
    for (const [metric, value] of Object.entries(figures)) {
      if (value === null || !Number.isFinite(value)) continue
      const known = tracks.get(subject)?.get(metric)
      if (!known && count >= caps.series) continue
      const track = known ?? add(subject, metric, null)
      track.seconds.put(second, value)
      addTo(track.waiting, startOf(second, minute), bucketOf(value))
      if (track.waiting.size > caps.waitingMinutes) {
        forgetOldest(track.waiting)
        onDrop()
      }
    }
  }

  function read(subject: string, metric: string, from: number, to: number, { source, step_s: step }: Resolution) {
    const track = tracks.get(subject)?.get(metric)
    if (!track) return []
    const [begin, end] = [startOf(from / 1000, step), to / 1000]
    const found = source === 'second' ? readSeconds(track, begin, end, step) : readRows(track, source, begin, end, step)
    return [...found].sort(([a], [b]) => a - b)
  }

  function readSeconds({ seconds }: Track, begin: number, end: number, step: number) {
    const found = new Map<number, Bucket>()
    for (let second = begin; second < end; second++) {
      const value = seconds.at(second)
      if (value !== null) addTo(found, startOf(second, step), bucketOf(value))
    }
    return found
  }

  function readRows({ id, waiting }: Track, source: string, begin: number, end: number, step: number) {
    const found = rollup(
      [...waiting].filter(([at]) => at >= begin && at < end),
      step,
    )
    const rows = store
      .query(
        `SELECT at / $step * $step AS start, sum(total) AS total, min(low) AS low, max(high) AS high, sum(count) AS count
        FROM ${source}s WHERE series = $id AND at >= $begin AND at < $end GROUP BY start`,
      )
      .all({ id: id ?? -1, step, begin, end }) as (Bucket & { start: number })[]
    for (const { start, ...bucket } of rows) addTo(found, start, bucket)
    return found
  }

  function write(now: number, all: boolean) {
    const running = startOf(now / 1000, minute)
    const written: (() => void)[] = []
    for (const { subject, metric, track } of everyTrack()) {
      const due = [...track.waiting].filter(([at]) => all || at !== running)
      if (due.length === 0) continue
      const id = track.id ?? idOf(subject, metric)
      for (const { name, step } of tables)
        for (const [at, bucket] of rollup(due, step)) upsert(name).run({ id, at, ...bucket })
      written.push(() => {
        track.id = id
        for (const [at] of due) track.waiting.delete(at)
      })
    }
    return () => {
      for (const each of written) each()
    }
  }

  // What a restart cut in two becomes whole again.
  function upsert(table: string) {
    return store.query(`INSERT INTO ${table} (series, at, total, low, high, count)
      VALUES ($id, $at, $total, $low, $high, $count)
      ON CONFLICT (series, at) DO UPDATE SET total = total + excluded.total, low = min(low, excluded.low),
      high = max(high, excluded.high), count = count + excluded.count`)
  }

  function idOf(subject: string, metric: string): number {
    const row = store
      .query(
        `INSERT INTO series (subject, metric) VALUES ($subject, $metric)
        ON CONFLICT DO UPDATE SET metric = excluded.metric RETURNING id`,
      )
      .get({ subject, metric }) as { id: number }
    return row.id
  }

  function* everyTrack() {
    for (const [subject, of] of tracks) for (const [metric, track] of of) yield { subject, metric, track }
  }

  return {
    sample,
    read,
    recent(subject, metric, spanMs, points, now) {
      const track = tracks.get(subject)?.get(metric)
      return track ? averages(track.seconds, spanMs, points, now) : new Array<null>(points).fill(null)
    },
    metrics: (subject) => [...(tracks.get(subject)?.keys() ?? [])].sort(),
    write,
    prune(now) {
      turn = (turn + 1) % turns
      for (const { track } of [...everyTrack()].filter((_, index) => index % turns === turn)) {
        for (const { name, ms } of tables)
          store
            .query(`DELETE FROM ${name} WHERE series = $id AND at IN
            (SELECT at FROM ${name} WHERE series = $id AND at < $old ORDER BY at LIMIT ${caps.prunedAtOnce})`)
            .run({ id: track.id ?? -1, old: Math.floor((now - ms) / 1000) })
      }
    },
  }
}

type Named = { id: number; subject: string; metric: string }

function forgetOldest(waiting: Map<number, Bucket>) {
  const oldest = waiting.keys().next().value
  if (oldest !== undefined) waiting.delete(oldest)
}
