export type EventType = 'connectivity' | 'state' | 'action' | 'job' | 'restart' | 'notice'

/** One entry of `GET /api/history`; a state and an outage is one entry from its begin to its end. */
export interface RecordedEvent {
  /** Rises. */
  id: number
  /** RFC 3339. */
  at: string
  /** Null while it lasts, and for what is a moment. */
  ended_at: string | null
  duration_s: number | null
  /** `connectivity` of a host, `state` of a service; the others are moments. */
  type: EventType
  /** `host:spark-1`, `service:llm`; null where it is of neither. */
  subject: string | null
  host: string | null
  service: string | null
  job: string | null
  /** The state before, and the one that this entry is about. */
  from: string | null
  state: string | null
  cause: string | null
  remedy: string | null
  /** Of a moment: what was done or noticed. */
  text: string | null
}

export interface StateChange {
  /** `host:spark-1`, `service:llm`. */
  subject: string
  host: string | null
  service: string | null
  from: string
  to: string
  /** When it really changed, in ms since the epoch; may lie a second in the past. */
  at: number
  cause: string | null
  remedy: string | null
}

/** Something done or noticed: an action of a person, the end of a job, a restart, flapping, … */
export interface Note {
  type: 'action' | 'job' | 'restart' | 'notice'
  host?: string | null
  service?: string | null
  job?: string | null
  text: string
  /** In ms since the epoch; now where left out. */
  at?: number
}

/** A state over a stretch of time, in ms since the epoch. */
export interface Span {
  state: string
  from: number
  to: number
  cause: string | null
}
