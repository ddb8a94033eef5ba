export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'rolled_back' | 'cancelled' | 'needs_attention'

/** A person on the page, an app by HTTP, a request that named the model, a model that idled, a Spark that restarted. */
export type SwapCause = 'person' | 'app' | 'demand' | 'idle' | 'resume'

/** `unknown`: it could not be told, as when a Spark is out of reach. */
export type SwapResult = 'new' | 'previous' | 'none' | 'unknown'

export interface PhaseView {
  name: string
  /** For a person, where the name alone would not do. */
  title?: string
  state: 'pending' | 'running' | 'done' | 'failed' | 'skipped'
  started_at: string | null
  ended_at: string | null
  /** What is happening, in plain words. */
  detail: string | null
}

export interface JobError {
  /** The cause in plain words. */
  message: string
  code: string
  remedy: string
}

/** Bytes that a job brings onto a Spark. */
export interface TransferView {
  done_bytes: number
  /** Null where nothing tells how many it will be. */
  total_bytes: number | null
  /** Of the last seconds; null while that is not known. */
  bytes_s: number | null
}

/** A long action as callers see it; the answer of `GET /api/jobs/:job` and `GET /api/swap/:job`. */
export interface JobView {
  id: string
  kind: string
  /** What is done, for a person: `Restart ComfyUI`; swaps are named by their recipe. */
  title?: string
  /** `start`, `stop`, `restart`, `update` of a service; `download`, `delete` of a model. */
  action?: string
  /** The recipe to load; null unloads. */
  recipe: string | null
  /** The recipe that was loaded when the job began. */
  previous: string | null
  service: string | null
  /** Who asked for a swap. */
  by?: SwapCause
  /** Models of other services that a swap ends to make room. */
  makes_room?: { service: string; recipe: string | null }[]
  /** What is loaded in the service at the end of a swap; null until then. */
  result?: SwapResult | null
  /** How often its cancel was asked for: once, and what ran before comes back; twice, and nothing does. */
  cancels?: number
  /** Number under which a swap gives its commands to the Sparks; null before it has one. */
  fence?: number | null
  /** The model that is downloaded, copied or deleted. */
  repo?: string | null
  /** Ids of the hosts that it is wanted on, or taken from. */
  hosts?: string[]
  transfer?: TransferView | null
  state: JobState
  phase: string | null
  /** 0 to 1, never falls. */
  progress: number
  eta_s: number | null
  phases: PhaseView[]
  error: JobError | null
  /** How it will end once it has cleaned up; null while it is still on its way to what was asked. */
  ending: 'cancelled' | 'failed' | null
  log_tail: string[]
  created_at: string
  updated_at: string
  ended_at: string | null
}

export const finalStates: readonly JobState[] = ['done', 'failed', 'rolled_back', 'cancelled', 'needs_attention']
