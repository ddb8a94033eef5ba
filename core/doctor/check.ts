/** One line of the doctor's report. */
export interface Check {
  /** Null: it could not be told. */
  ok: boolean | null
  /** `host:spark-1`, `service:llm`. */
  subject: string
  /** What was looked at, the same for every subject: `docker`, `disk`, … */
  id: string
  text: string
  /** What to do; null where nothing is. */
  remedy: string | null
}

/** A check before it is known whom it is about. */
export type Verdict = Omit<Check, 'subject'>

export const right = (id: string, text: string): Verdict => ({ ok: true, id, text, remedy: null })
export const wrong = (id: string, text: string, remedy: string): Verdict => ({ ok: false, id, text, remedy })
export const untold = (id: string, text: string, remedy: string | null = null): Verdict => ({
  ok: null,
  id,
  text,
  remedy,
})
