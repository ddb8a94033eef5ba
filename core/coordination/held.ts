import type { Store } from '../store/store'

/** The lock as it is kept while somebody holds it. */
export interface Held {
  holder: string
  reason: string
  /** SHA-256 of the token; the token itself is kept nowhere. */
  token_hash: Uint8Array
  ttl_s: number
  /** Its end on the wall clock, ms since the epoch. */
  expires_at: number
  /** The run of this program in which `ends` was written. */
  run: string
  /** Its end on the rising clock of that run, ms. */
  ends: number
}

export interface HeldRow {
  read(): Held | null
  /** Puts it in the place of what was kept. */
  save(held: Held): void
  /** False when another was faster. */
  remove(held: Held): boolean
}

/** Owns the table `swap_lock`, which has one row at most. */
export function heldRow(store: Store): HeldRow {
  return {
    read: () =>
      store
        .query('SELECT holder, reason, token_hash, ttl_s, expires_at, run, ends FROM swap_lock')
        .get() as Held | null,
    save(held) {
      store
        .query(
          `INSERT OR REPLACE INTO swap_lock (id, holder, reason, token_hash, ttl_s, expires_at, run, ends)
          VALUES (1, $holder, $reason, $token_hash, $ttl_s, $expires_at, $run, $ends)`,
        )
        .run({ ...held, expires_at: Math.round(held.expires_at) })
    },
    remove: ({ token_hash }) =>
      store.query('DELETE FROM swap_lock WHERE token_hash = $token_hash').run({ token_hash }).changes > 0,
  }
}
