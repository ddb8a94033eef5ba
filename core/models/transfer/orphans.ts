/** Jobs that were given up while a host could not be asked to end what they run there; kept while this program runs. */
export interface Orphans {
  add(host: string, job: string): void
  of(host: string): string[]
  ended(host: string, job: string): void
}

/** Makes an empty list. */
export function orphans(): Orphans {
  const jobs = new Map<string, Set<string>>()
  return {
    add(host, job) {
      jobs.set(host, (jobs.get(host) ?? new Set()).add(job))
    },
    of: (host) => [...(jobs.get(host) ?? [])],
    ended(host, job) {
      jobs.get(host)?.delete(job)
    },
  }
}
