import type { Store } from '../store/store'
import { caps } from './caps'
import type { Note, RecordedEvent, StateChange } from './event'

export interface EventQuery {
  /** In ms since the epoch; an entry counts by its begin. */
  since?: number
  until?: number
  host?: string
  service?: string
  limit: number
  /** The `next` of the answer before. */
  cursor?: string
}

/** A state as it was written; `to` is null while it lasts. */
export interface StoredState {
  state: string
  from: number
  to: number | null
  cause: string | null
}

export interface Events {
  /** Ends what the subject was, and begins what it is. */
  change(change: StateChange): void
  note(note: Note & { at: number }): void
  /** Newest first. */
  find(query: EventQuery): { events: RecordedEvent[]; next: string | null }
  /** What a subject was from `from` to `to`, oldest first; at most the newest 5,000 changes. */
  states(subject: string, from: number, to: number): StoredState[]
  /** Ends every state that lasts: nobody watched it after `at`. */
  endAll(at: number): void
  /** Deletes a few of those that are too old, and those that are too many. */
  prune(now: number): void
}

const mostStates = 5000
const longestPruneMs = 200
const cursorForm = /^(\d{1,15})-(\d{1,15})$/

/** Owns the table `events`. */
export function events(store: Store): Events {
  const change = store.transaction((one: StateChange) => {
    const { subject, host, service, from, to, cause, remedy } = one
    const at = Math.round(one.at)
    store
      .query(
        'UPDATE events SET ended_at = max(at, $at) WHERE subject = $subject AND state IS NOT NULL AND ended_at IS NULL',
      )
      .run({ at, subject })
    const type = service === null ? 'connectivity' : 'state'
    store
      .query(
        `INSERT INTO events (at, type, subject, host, service, was, state, cause, remedy)
        VALUES ($at, $type, $subject, $host, $service, $from, $to, $cause, $remedy)`,
      )
      .run({ at, type, subject, host, service, from, to, cause, remedy })
  })

  return {
    change,
    note({ type, host = null, service = null, job = null, text, at }) {
      store
        .query(
          `INSERT INTO events (at, type, subject, host, service, job, text)
          VALUES ($at, $type, $subject, $host, $service, $job, $text)`,
        )
        .run({ at: Math.round(at), type, subject: subjectOf(host, service), host, service, job, text })
    },
    find({ since = 0, until = Number.MAX_SAFE_INTEGER, host, service, limit, cursor }) {
      const place = cursorForm.exec(cursor ?? '')
      const [before, id] = place ? [Number(place[1]), Number(place[2])] : [until, 0]
      const of = service !== undefined ? 'service = $service AND' : host !== undefined ? 'host = $host AND' : ''
      const also = service !== undefined && host !== undefined ? 'host = $host AND' : ''
      const rows = store
        .query(
          `SELECT * FROM events WHERE ${of} ${also} at >= $since AND at <= $before AND NOT (at = $before AND id >= $id)
          ORDER BY at DESC, id DESC LIMIT $limit`,
        )
        .all({
          since,
          before: Math.min(before, until),
          id,
          limit: limit + 1,
          ...(host === undefined ? {} : { host }),
          ...(service === undefined ? {} : { service }),
        }) as Row[]
      const found = rows.slice(0, limit)
      const last = rows.length > limit ? found.at(-1) : undefined
      return { events: found.map(recorded), next: last ? `${last.at}-${last.id}` : null }
    },
    states(subject, from, to) {
      const columns = 'SELECT state, at AS "from", ended_at AS "to", cause FROM events'
      const of = 'WHERE subject = $subject AND state IS NOT NULL'
      const inside = store
        .query(`${columns} ${of} AND at >= $from AND at < $to ORDER BY at DESC, id DESC LIMIT ${mostStates}`)
        .all({ subject, from, to }) as StoredState[]
      const before = store
        .query(`${columns} ${of} AND at < $from ORDER BY at DESC, id DESC LIMIT 1`)
        .all({ subject, from }) as StoredState[]
      return [...inside, ...(inside.length < mostStates ? before : [])].reverse()
    },
    endAll(at) {
      store
        .query('UPDATE events SET ended_at = max(at, $at) WHERE state IS NOT NULL AND ended_at IS NULL')
        .run({ at: Math.round(at) })
    },
    prune(now) {
      // What lasts is kept however long ago it began: the strips stand on it.
      const over = 'NOT (state IS NOT NULL AND ended_at IS NULL)'
      const limit = `LIMIT ${caps.prunedAtOnce}`
      store
        .query(
          `DELETE FROM events WHERE id IN
          (SELECT id FROM events WHERE at < $old AND coalesce(ended_at, at) < $old AND ${over} ${limit})`,
        )
        .run({ old: now - caps.eventsMs })
      const tooMany = store.query(
        `DELETE FROM events WHERE id IN
        (SELECT id FROM events WHERE id <= (SELECT max(id) FROM events) - $most AND ${over} ORDER BY id ${limit})`,
      )
      const until = performance.now() + longestPruneMs
      for (let deleted: number = caps.prunedAtOnce; deleted === caps.prunedAtOnce && performance.now() < until; )
        deleted = tooMany.run({ most: caps.events }).changes
    },
  }
}

/** Whether a text is a cursor that an answer could have given. */
export function isCursor(text: string): boolean {
  return cursorForm.test(text)
}

function subjectOf(host: string | null, service: string | null): string | null {
  if (service !== null) return `service:${service}`
  return host === null ? null : `host:${host}`
}

interface Row {
  id: number
  at: number
  ended_at: number | null
  type: RecordedEvent['type']
  subject: string | null
  host: string | null
  service: string | null
  job: string | null
  was: string | null
  state: string | null
  cause: string | null
  remedy: string | null
  text: string | null
}

function recorded({ was, ...row }: Row): RecordedEvent {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    ended_at: time(row.ended_at),
    duration_s: row.ended_at === null ? null : (row.ended_at - row.at) / 1000,
    type: row.type,
    subject: row.subject,
    host: row.host,
    service: row.service,
    job: row.job,
    from: was,
    state: row.state,
    cause: row.cause,
    remedy: row.remedy,
    text: row.text,
  }
}
