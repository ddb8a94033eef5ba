import type { LiveHost } from '../cluster/hosts'
import { pause } from '../cluster/pause'
import { weightsOn } from './weights'

/** What lies on the hosts' disks, as last seen; a host that was never asked is absent. */
export interface Inventory {
  /** Bytes by host of one repo; null where it is not there, absent where the host was not asked yet. */
  of(repo: string): Record<string, number | null>
}

/** Looks at every connected host's cache once a minute until aborted. */
export function inventory(
  hosts: Map<string, LiveHost>,
  signal: AbortSignal,
  onChange: () => void,
  everyMs = 60_000,
): Inventory {
  const seen = new Map<string, Map<string, number>>()

  async function look(live: LiveHost) {
    const before = JSON.stringify([...(seen.get(live.host.id) ?? [])])
    seen.set(live.host.id, await weightsOn(live))
    if (JSON.stringify([...(seen.get(live.host.id) ?? [])]) !== before) onChange()
  }

  async function forever(live: LiveHost) {
    while (!signal.aborted) {
      try {
        await live.ready(signal)
        await look(live)
        await pause(everyMs, signal)
      } catch {
        // A silent host keeps what was last seen of it.
        await pause(2000, signal)
      }
    }
  }

  for (const live of hosts.values()) void forever(live)
  return {
    of: (repo) => Object.fromEntries([...seen].map(([host, repos]) => [host, repos.get(repo) ?? null])),
  }
}
