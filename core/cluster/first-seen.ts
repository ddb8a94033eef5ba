import type { AttentionView } from './snapshot'

/** Remembers since when each trouble is there whose beginning nobody told. Call it whenever something may have changed. */
export function firstSeen(now: () => number = Date.now) {
  let known = new Map<string, string>()

  return function since(troubles: AttentionView[]): AttentionView[] {
    const next = new Map<string, string>()
    const dated = troubles.map((trouble) => {
      if (trouble.since !== null) return trouble
      // The text holds figures that change; the remedy is the same as long as the trouble is.
      const key = `${trouble.subject} ${trouble.remedy}`
      const at = known.get(key) ?? new Date(now()).toISOString()
      next.set(key, at)
      return { ...trouble, since: at }
    })
    known = next
    return dated
  }
}
