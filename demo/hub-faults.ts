import type { HubFault } from './faults'

interface Held {
  kind: HubFault
  /** Null: whatever is asked for. */
  repo: string | null
  until: number
}

/** What is wrong with the hub now. */
export interface HubFaults {
  inject(kind: HubFault, repo: string | null, seconds: number): void
  /** Whether that fault holds for that repo. */
  holds(kind: HubFault, repo: string): boolean
  /** The same for what happens to one file only: it is over once it was told. */
  once(kind: HubFault, repo: string): boolean
  clear(): void
}

/** Faults by kind and repo, each until its time has passed. */
export function hubFaults(now: () => number = Date.now): HubFaults {
  let all: Held[] = []
  const found = (kind: HubFault, repo: string) =>
    all.find((each) => each.kind === kind && each.until > now() && (each.repo === null || each.repo === repo))

  return {
    inject: (kind, repo, seconds) => void all.push({ kind, repo, until: now() + seconds * 1000 }),
    holds: (kind, repo) => found(kind, repo) !== undefined,
    once(kind, repo) {
      const fault = found(kind, repo)
      all = all.filter((each) => each !== fault)
      return fault !== undefined
    },
    clear() {
      all = []
    },
  }
}
