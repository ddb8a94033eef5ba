import type { Store } from '../store/store'
import { caps } from './caps'
import type { Note, RecordedEvent, Span, StateChange } from './event'
import { type EventQuery, events } from './events'
import { flapping } from './flapping'
import { outbox } from './outbox'
import { resolution } from './resolution'
import { mean } from './rollup'
import { series } from './series'
import { type PendingState, spans } from './spans'
import { thinned } from './thinned'

export type { RecordedEvent, StateChange } from './event'

export interface Point {
  /** When its step begins, RFC 3339. */
  at: string
  avg: number
  min: number
  max: number
}

export interface History {
  /** Records a state change: ends the open entry of that subject at `at`, begins another. */
  state(change: StateChange): void
  /** Records something done or noticed. */
  note(note: Note): void
  /** One second's figures of a subject, null where unknown. Kept in memory by the second; written to SQLite by the minute. */
  sample(subject: string, figures: Record<string, number | null>, at?: number): void
  events(query: EventQuery): { events: RecordedEvent[]; next: string | null }
  /** Times in ms since the epoch, `step` in seconds; steps in which nothing was seen have no point. */
  series(query: { subject: string; metric: string; from: number; to: number; step?: number }): {
    step_s: number
    points: Point[]
  }
  metrics(subject: string): string[]
  /** Newest seconds of a metric from memory alone, for sparklines: `points` averages over `spanMs`; null where nothing was seen. */
  recent(subject: string, metric: string, spanMs: number, points: number): (number | null)[]
  /** States of a subject between two times, oldest first and without a gap; `unknown` while nobody watched. */
  states(subject: string, from: number, to: number): Span[]
  /** More than 4 changes into or out of trouble within 10 minutes: how many, and since when; else null. */
  flapping(subject: string): { changes: number; since: string } | null
  /** Entries that went unwritten because the disk took nothing for too long, until that is told in the history itself. */
  dropped(): number
  /** Writes what is pending (at stop). */
  flush(): void
  close(): void
}

export interface HistoryOptions {
  now?: () => number
  everyMs?: number
  /** Called once when the disk begins to take nothing; what is recorded waits in memory until it does again. */
  onError?: (error: unknown) => void
}

type Entry = { change: StateChange } | { note: Note & { at: number } } | { unwatched: number }

// So many writes by the minute that did not come: this program stood still, as while its machine slept.
const missedWrites = 3

// True outages come seldom enough to write each; only a storm of changes is thinned out.
const stormChanges = 60

/** The recorded past of the cluster: events with their begin and end, and series of figures. Recording never throws. */
export function history(
  store: Store,
  { now = Date.now, everyMs = 60_000, onError = () => {} }: HistoryOptions = {},
): History {
  const log = events(store)
  const figures = series(store, drop)
  const unsteady = flapping()
  const current = new Map<string, StateChange>()
  let watchedAt = now()
  let beganAnewAt = 0
  let failing = false
  let dropped = 0
  let closed = false
  const failed = (error: unknown) => {
    if (!failing) onError(error)
    failing = true
  }
  const worked = () => {
    failing = false
  }
  const toWrite = outbox<Entry>({
    write(entry) {
      if ('change' in entry) log.change(entry.change)
      else if ('note' in entry) log.note(entry.note)
      else log.endAll(entry.unwatched)
    },
    most: caps.waitingEvents,
    onDrop: drop,
    onError: failed,
    onSuccess: worked,
  })
  const toRecord = thinned({
    write: (change) => toWrite.put({ change }),
    unsteady: (subject, at) => (unsteady.of(subject, at)?.changes ?? 0) > stormChanges,
  })
  attempt(endUnwatched)
  const timer = setInterval(() => save(false), everyMs)
  timer.unref()

  // How the states of the last run ended is not known: they were so when they were last watched.
  function endUnwatched() {
    // What was recorded after the last flush was seen too.
    const last = store.query('SELECT max(at) AS at FROM (SELECT at FROM watched UNION ALL SELECT max(at) FROM events)')
    log.endAll((last.get() as { at: number | null }).at ?? 0)
    stillWatching()
  }

  function stillWatching() {
    store
      .query('INSERT INTO watched (id, at) VALUES (1, $at) ON CONFLICT DO UPDATE SET at = excluded.at')
      .run({ at: Math.round(now()) })
  }

  /** Time in which nobody watched is no state's: what lasts ends where it began, and begins anew. */
  function watching() {
    const before = watchedAt
    watchedAt = now()
    if (watchedAt - before <= missedWrites * everyMs) return
    beganAnewAt = watchedAt
    toRecord.flush()
    toWrite.put({ unwatched: before })
    for (const change of current.values()) {
      if (change.to !== 'unknown') toWrite.put({ change: { ...change, from: 'unknown', at: watchedAt } })
    }
  }

  function drop() {
    dropped++
  }

  function tellDropped() {
    if (failing || dropped === 0) return
    const text = `${dropped} entries and minutes of the history are lost: the disk of this controller took nothing for too long`
    dropped = 0
    note({ type: 'notice', text })
  }

  function attempt(action: () => void) {
    try {
      action()
      worked()
    } catch (error) {
      failed(error)
    }
  }

  function save(all: boolean) {
    if (closed) return
    watching()
    toRecord.flush()
    toWrite.retry()
    attempt(() => {
      const write = store.transaction(() => {
        const written = figures.write(now(), all)
        stillWatching()
        log.prune(now())
        figures.prune(now())
        return written
      })
      // Only what is on the disk may be forgotten.
      write()()
    })
    tellDropped()
  }

  function note(entry: Note) {
    if (closed) return
    watching()
    toWrite.put({ note: { ...entry, at: entry.at ?? now() } })
  }

  function state(seen: StateChange) {
    const { subject, host, service, from, to } = seen
    if (closed || from === to || current.get(subject)?.to === to) return
    watching()
    // A link's end may be dated into the time in which nobody watched.
    const at = Math.max(seen.at, Math.min(beganAnewAt, now()))
    const change = { ...seen, at }
    current.set(subject, change)
    toRecord.put(change)
    if (!unsteady.changed(subject, from, to, at)) return
    const { changes } = unsteady.of(subject, at) ?? { changes: 0 }
    note({
      type: 'notice',
      host,
      service,
      at,
      text: `${service ?? host ?? subject} changed its state ${changes} times in 10 minutes`,
    })
  }

  return {
    state,
    note,
    sample(subject, seen, at = now()) {
      if (closed) return
      watching()
      figures.sample(subject, seen, at)
    },
    events: (query) => log.find(query),
    series({ subject, metric, from, to, step }) {
      const chosen = resolution({ from, to, step, now: now() })
      const points = figures.read(subject, metric, from, to, chosen).map(([at, bucket]) => ({
        at: new Date(at * 1000).toISOString(),
        avg: mean(bucket),
        min: bucket.low,
        max: bucket.high,
      }))
      return { step_s: chosen.step_s, points }
    },
    metrics: (subject) => figures.metrics(subject),
    recent: (subject, metric, spanMs, points) => figures.recent(subject, metric, spanMs, points, now()),
    states(subject, from, to) {
      const held = toRecord.waiting().filter((change) => change.subject === subject)
      const pending = [...toWrite.waiting().flatMap((entry) => pendingOf(entry, subject)), ...held]
      return spans(log.states(subject, from, to), pending, from, Math.min(to, now()))
    },
    flapping(subject) {
      const found = unsteady.of(subject, now())
      return found && { changes: found.changes, since: new Date(found.since).toISOString() }
    },
    dropped: () => dropped,
    flush: () => save(true),
    close() {
      save(true)
      closed = true
      clearInterval(timer)
    },
  }
}

/** What an entry that is not written yet tells of the states of a subject. */
function pendingOf(entry: Entry, subject: string): PendingState[] {
  if ('change' in entry) return entry.change.subject === subject ? [entry.change] : []
  return 'unwatched' in entry ? [{ to: 'unknown', at: entry.unwatched, cause: null }] : []
}
