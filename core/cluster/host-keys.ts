import type { Store } from '../store/store'

export interface HostKeys {
  /** The fingerprint pinned for a host, or null before first contact. */
  pinned(host: string): string | null
  pin(host: string, fingerprint: string): void
}

/** The pins belong to the host's record, not to its address: moving it to another IP does not trust anew. */
export function hostKeys(store: Store): HostKeys {
  return {
    pinned(host) {
      const row = store.query('SELECT fingerprint FROM host_keys WHERE host = $host').get({ host }) as {
        fingerprint: string
      } | null
      return row?.fingerprint ?? null
    },
    pin(host, fingerprint) {
      store
        .query('INSERT OR REPLACE INTO host_keys (host, fingerprint, pinned_at) VALUES ($host, $fingerprint, $at)')
        .run({ host, fingerprint, at: new Date().toISOString() })
    },
  }
}
