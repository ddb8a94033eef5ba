import type { Database } from 'bun:sqlite'

/** What the outbox tells wrongly: each job has exactly one word of its beginning, and one of its end. Null where all is right. */
export function wrongMessages(store: Database): string | null {
  const jobs = store.query("SELECT id FROM jobs WHERE kind = 'swap'").all() as { id: string }[]
  const rows = store.query("SELECT type, payload FROM webhook_messages WHERE type LIKE 'swap_%'").all() as Row[]
  const told = new Map<string, string[]>()
  for (const { type, payload } of rows) {
    const { data } = JSON.parse(payload) as { data: { job: string } }
    told.set(data.job, [...(told.get(data.job) ?? []), type === 'swap_started' ? 'start' : 'end'])
  }
  for (const { id } of jobs) {
    const words = told.get(id)?.toSorted().join(' and ') ?? 'nothing'
    if (words !== 'end and start') return `the outbox tells ${words} of ${id}`
  }
  return null
}

interface Row {
  type: string
  payload: string
}
