import type { Service } from '../../config/cluster'
import type { FoundModel } from '../disk/found-model'
import type { Recipe } from '../recipe'
import type { HostLedger } from './ledger'

export interface FitInput {
  recipe: Recipe
  service: Service
  /** By host of the launch; null is "not there", an absent host was not looked at. */
  found: Record<string, FoundModel | null>
  /** Of the hosts of the launch, the head first. */
  ledgers: HostLedger[]
  /** What launches of this recipe really took, newest first; empty while it was never launched. */
  launches?: MeasuredLaunch[]
}

/** What one launch really took on one host, read from its log and its memory. */
export interface MeasuredLaunch {
  weightsBytes: number | null
  /** Beyond weights and KV cache: runtime, graphs, activations. */
  overheadBytes: number | null
  /** Of one token of one sequence, on one host. */
  kvBytesPerToken: number | null
}

/** What a launch takes on one host, and what is there; bytes. */
export interface HostFit {
  needs_bytes: number | null
  /** What it may take: available, and what the models it replaces give back, less the reserve. */
  room_bytes: number | null
  /** How much is missing; 0 where it fits. */
  short_bytes: number
  weights_bytes: number | null
  kv_bytes: number | null
  overhead_bytes: number | null
}

/** Whether a recipe fits, told so that a person can act on it. */
export interface Fit {
  /** Null where too little is known to tell. */
  fits: boolean | null
  /** Why not: `needs 62 GiB on spark-1, 51 GiB would be free: 11 GiB too much`; null where it fits. */
  reason: string | null
  /** What would make it fit, most useful first: `lower max_model_len to 131072`, `stop ComfyUI (9 GiB)`. */
  remedies: string[]
  hosts: Record<string, HostFit>
  /** The share of each host's memory the launch gets; from the recipe where it pins one, else the smallest that serves the wanted context. */
  utilization: number | null
  /** The recipe leaves the share open, and `utilization` must be put into its command. */
  computed: boolean
  /** Tokens of one sequence the recipe wants, and the most that would fit. */
  context: number | null
  max_context: number | null
  /** `measured` once a launch of it was seen, else `estimated`. */
  basis: 'measured' | 'estimated'
}

/** Decides whether a launch fits its hosts; pure, and never accepts what exceeds one. */
export function fit(_: FitInput): Fit {
  throw new Error('not written yet')
}
