/** One line of the doctor's report. */
export interface Check {
  /** Null: it could not be told, or is worth knowing and harms nothing that runs. */
  ok: boolean | null
  /** `host:spark-1`, `service:llm`. */
  subject: string
  /** What was looked at, the same for every subject: `docker`, `disk`, … */
  id: string
  text: string
  /** What to do, the command included; null where nothing is. */
  remedy: string | null
  /** What of the remedy can be pasted into a terminal. */
  command: string | null
}

/** A check before it is known whom it is about. */
export type Verdict = Omit<Check, 'subject'>

export const right = (id: string, text: string): Verdict => ({ ok: true, id, text, remedy: null, command: null })

/** What to do in words, and what of it can be pasted into a terminal. */
export type Advice = readonly [remedy: string, command?: string]

export function wrong(id: string, text: string, ...[remedy, command]: Advice): Verdict {
  return {
    ok: false,
    id,
    text,
    remedy: command === undefined ? remedy : `${remedy}: ${command}`,
    command: command ?? null,
  }
}

/** What harms nothing that runs, but wants to be known. */
export function remark(id: string, text: string, remedy: string): Verdict {
  return { ok: null, id, text, remedy, command: null }
}

export function untold(id: string, text: string, remedy: string): Verdict {
  return { ok: null, id, text, remedy, command: null }
}
