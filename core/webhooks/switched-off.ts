import type { WebhookTarget } from '../config/cluster'
import type { Store } from '../store/store'

/** Targets that asked for no more messages (410): off until their entry changes, or a person sends something again. */
export interface SwitchedOff {
  has(target: WebhookTarget): boolean
  add(target: WebhookTarget): void
  remove(target: WebhookTarget): void
}

/** Owns the table `webhook_targets_off`. */
export function switchedOff(store: Store): SwitchedOff {
  const rows = store.query('SELECT url, declared FROM webhook_targets_off').all() as { url: string; declared: string }[]
  // Asked at every change of the cluster, also while the disk gives nothing.
  const known = new Map(rows.map(({ url, declared }) => [url, declared]))

  return {
    has: (target) => known.get(target.url) === JSON.stringify(target),
    add(target) {
      const declared = JSON.stringify(target)
      store
        .query('INSERT OR REPLACE INTO webhook_targets_off (url, declared) VALUES ($url, $declared)')
        .run({ url: target.url, declared })
      known.set(target.url, declared)
    },
    remove({ url }) {
      store.query('DELETE FROM webhook_targets_off WHERE url = $url').run({ url })
      known.delete(url)
    },
  }
}
