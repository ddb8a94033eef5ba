import type { Report } from './doctor'

/** The latest report, made anew by whoever asks first. */
export interface SharedReport {
  /** The report of now, or one that is still fresh; callers during an examination share it. */
  get(options?: { fresh?: boolean }): Promise<Report>
  /** The last one, however old, or null. */
  readonly latest: Report | null
}

/** Holds that at most one examination runs, and keeps its report for `freshMs`. */
export function sharedReport(examine: () => Promise<Report>, freshMs = 30_000): SharedReport {
  let latest: Report | null = null
  let running: Promise<Report> | null = null

  async function begin(): Promise<Report> {
    try {
      latest = await examine()
      return latest
    } finally {
      running = null
    }
  }

  return {
    async get({ fresh = false } = {}) {
      if (running) return running
      if (!fresh && latest && Date.now() - Date.parse(latest.seen_at) < freshMs) return latest
      running = begin()
      return running
    },
    get latest() {
      return latest
    },
  }
}
