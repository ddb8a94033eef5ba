import type { Store } from '../store/store'
import type { AttemptView } from './delivery'

/** A delivery as it is kept. */
export interface DeliveryRow {
  id: number
  message: string
  type: string
  sequence: number
  /** ms since the epoch. */
  at: number
  url: string
  state: 'pending' | 'delivered' | 'dead'
  /** Attempts since it was added, or since a person sent it again. */
  tries: number
  /** When it is to be sent, ms since the epoch. */
  due: number
  attempts: AttemptView[]
}

/** What became of an attempt. */
export interface Attempted {
  state: DeliveryRow['state']
  tries: number
  due: number
  attempt: AttemptView
}

export interface Deliveries {
  get(id: number): DeliveryRow | null
  /** The body of its message. */
  payload(id: number): string | null
  pending(url: string): { id: number; tries: number; due: number }[]
  attempted(id: number, outcome: Attempted): void
  /** Makes it new: due now, as if it had never been tried. */
  again(id: number, now: number): void
  /** Newest first. @param urls only those to these targets; pending ones to none of them when `outside` */
  list(query: ListQuery): DeliveryRow[]
  /** The delivery to a target that was attempted last. */
  newest(url: string): DeliveryRow | null
  prune(now: number): void
}

export interface ListQuery {
  limit: number
  /** Only those before this one. */
  before?: number
  state?: DeliveryRow['state']
  /** Only to these targets, or only to others. */
  urls?: { among: boolean; list: string[] }
}

const keptMessages = 1000
// What waits for a person is kept longer than what arrived, but not without end.
const mostMessages = 10_000
const keptMs = 30 * 24 * 3600_000
const keptAttempts = 50

const columns = `d.id, m.id AS message, m.type, m.sequence, m.at, d.url, d.state, d.tries, d.due, d.attempts
  FROM webhook_deliveries d JOIN webhook_messages m ON m.sequence = d.message`

/** Owns the table `webhook_deliveries`. */
export function deliveries(store: Store): Deliveries {
  const read = (row: unknown): DeliveryRow => {
    const { attempts, ...rest } = row as Omit<DeliveryRow, 'attempts'> & { attempts: string }
    return { ...rest, attempts: JSON.parse(attempts) as AttemptView[] }
  }
  const one = (row: unknown) => (row ? read(row) : null)

  function get(id: number) {
    return one(store.query(`SELECT ${columns} WHERE d.id = $id`).get({ id }))
  }

  return {
    get,
    payload(id) {
      const row = store
        .query(
          `SELECT m.payload FROM webhook_deliveries d JOIN webhook_messages m ON m.sequence = d.message
            WHERE d.id = $id`,
        )
        .get({ id }) as { payload: string } | null
      return row?.payload ?? null
    },
    pending(url) {
      return store
        .query("SELECT id, tries, due FROM webhook_deliveries WHERE url = $url AND state = 'pending' ORDER BY id")
        .all({ url }) as { id: number; tries: number; due: number }[]
    },
    attempted(id, { state, tries, due, attempt }) {
      const attempts = [...(get(id)?.attempts ?? []), attempt].slice(-keptAttempts)
      store
        .query(
          `UPDATE webhook_deliveries SET state = $state, tries = $tries, due = $due, attempts = $attempts,
            tried_at = $at WHERE id = $id`,
        )
        .run({ id, state, tries, due: Math.round(due), attempts: JSON.stringify(attempts), at: Date.parse(attempt.at) })
    },
    again(id, now) {
      store
        .query("UPDATE webhook_deliveries SET state = 'pending', tries = 0, due = $now WHERE id = $id")
        .run({ id, now: Math.round(now) })
    },
    list({ limit, before, state, urls }) {
      return store
        .query(
          `SELECT ${columns} WHERE ($before IS NULL OR d.id < $before) AND ($state IS NULL OR d.state = $state)
            AND ($urls IS NULL OR (d.url IN (SELECT value FROM json_each($urls))) = $among)
            ORDER BY d.id DESC LIMIT $limit`,
        )
        .all({
          limit,
          before: before ?? null,
          state: state ?? null,
          urls: urls ? JSON.stringify(urls.list) : null,
          among: urls?.among === false ? 0 : 1,
        })
        .map(read)
    },
    newest(url) {
      return one(
        store
          .query(
            `SELECT ${columns} WHERE d.url = $url AND d.tried_at IS NOT NULL ORDER BY d.tried_at DESC, d.id DESC LIMIT 1`,
          )
          .get({ url }),
      )
    },
    prune(now) {
      store
        .query(
          `DELETE FROM webhook_messages WHERE at < $old
            OR sequence <= (SELECT max(sequence) FROM webhook_messages) - $most
            OR (sequence <= (SELECT max(sequence) FROM webhook_messages) - $kept AND NOT EXISTS
              (SELECT 1 FROM webhook_deliveries d WHERE d.message = sequence AND d.state = 'pending'))`,
        )
        .run({ old: now - keptMs, most: mostMessages, kept: keptMessages })
    },
  }
}
