import type { Store } from '../store/store'
import { finalStates, type JobView, type SwapCause } from './job'

/** A job with what was asked, so that it can go on after a restart. */
export interface StoredJob {
  view: JobView
  request: unknown
}

export class SwapRunningError extends Error {
  override name = 'SwapRunningError'
}

export interface Journal {
  /** @throws {SwapRunningError} when it is a swap and one is not ended: the table itself allows only one. */
  add(job: StoredJob): void
  save(view: JobView): void
  get(id: string): JobView | null
  /** What a job was asked for; null where it is not known. */
  request(id: string): unknown
  list(options?: { kind?: string; limit?: number; before?: string }): JobView[]
  unfinished(kind: string): StoredJob[]
  /** Swaps of a service that were begun for this reason since then (ms since the epoch), newest first. */
  swapsOf(service: string, by: SwapCause, since: number): JobView[]
  /** The job that this idempotency key started within 24 h. */
  byKey(key: string): string | null
  rememberKey(key: string, job: string): void
}

const day = 24 * 3600 * 1000

/** Owns the tables `jobs` and `idempotency`. */
export function journal(store: Store, now: () => number = Date.now): Journal {
  const text = (row: unknown) => JSON.parse((row as { view: string }).view) as JobView

  return {
    add({ view, request }) {
      try {
        store
          .query(
            'INSERT INTO jobs (id, kind, final, created_at, view, request) VALUES ($id, $kind, 0, $created, $view, $request)',
          )
          .run({
            id: view.id,
            kind: view.kind,
            created: view.created_at,
            view: JSON.stringify(view),
            request: JSON.stringify(request),
          })
      } catch (error) {
        if (String(error).includes('UNIQUE') && view.kind === 'swap')
          throw new SwapRunningError('another swap is running')
        throw error
      }
    },
    save(view) {
      const final = finalStates.includes(view.state) ? 1 : 0
      store
        .query('UPDATE jobs SET view = $view, final = $final WHERE id = $id')
        .run({ id: view.id, view: JSON.stringify(view), final })
    },
    get(id) {
      const row = store.query('SELECT view FROM jobs WHERE id = $id').get({ id })
      return row ? text(row) : null
    },
    request(id) {
      const row = store.query('SELECT request FROM jobs WHERE id = $id').get({ id }) as { request: string } | null
      return row ? JSON.parse(row.request) : null
    },
    list({ kind, limit = 50, before } = {}) {
      const rows = store
        .query(
          `SELECT view FROM jobs WHERE ($kind IS NULL OR kind = $kind) AND ($before IS NULL OR
            (created_at, id) < ((SELECT created_at FROM jobs WHERE id = $before), $before))
          ORDER BY created_at DESC, id DESC LIMIT $limit`,
        )
        .all({ kind: kind ?? null, before: before ?? null, limit })
      return rows.map(text)
    },
    unfinished(kind) {
      const rows = store.query('SELECT view, request FROM jobs WHERE kind = $kind AND final = 0').all({ kind })
      return rows.map((row) => ({ view: text(row), request: JSON.parse((row as { request: string }).request) }))
    },
    swapsOf(service, by, since) {
      const rows = store
        .query(
          `SELECT view FROM jobs WHERE kind = 'swap' AND created_at >= $since
          AND view ->> '$.service' = $service AND view ->> '$.by' = $by ORDER BY created_at DESC, id DESC`,
        )
        .all({ service, by, since: new Date(since).toISOString() })
      return rows.map(text)
    },
    byKey(key) {
      store.query('DELETE FROM idempotency WHERE created_at < $old').run({ old: now() - day })
      const row = store.query('SELECT job FROM idempotency WHERE key = $key').get({ key }) as { job: string } | null
      return row?.job ?? null
    },
    rememberKey(key, job) {
      store
        .query('INSERT OR IGNORE INTO idempotency (key, job, created_at) VALUES ($key, $job, $at)')
        .run({ key, job, at: now() })
    },
  }
}

/** A new id, `<kind>-<time-ordered>`, so that ids of a kind sort by age. */
export function jobId(kind: string): string {
  return `${kind}-${Bun.randomUUIDv7().replaceAll('-', '').slice(0, 20)}`
}

/** Whether a text has the form of an id that jobId() made. */
export function isJobId(text: string): boolean {
  return /^[a-z]{1,16}-[0-9a-f]{20}$/.test(text)
}
