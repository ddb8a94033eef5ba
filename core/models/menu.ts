import type { DiskState } from './disk/found-model'
import type { Fit } from './memory/fit'

/** A model on one host, as the menu shows it. */
export interface MenuHost {
  state: DiskState
  bytes: number
  complete: boolean
  expected_bytes: number | null
  problems: string[]
  /** RFC 3339: when this was looked at. */
  seen_at: string
}

/** One model that is on some host. */
export interface MenuModel {
  repo: string
  /** Name for a person: the recipe's, else the repo. */
  name: string
  /** Of the hosts it would be launched on. */
  state: DiskState
  hosts: Record<string, MenuHost>
  /** The recipe that loads it, or null; all that could, best first. */
  recipe: string | null
  recipes: string[]
  capabilities: string[]
  /** It has no recipe yet: one is suggested and wants to be confirmed. */
  needs_setup: boolean
  fit: Fit | null
  loaded: boolean
  /** Why it can't be swapped to now; null where it can. */
  reason: string | null
  known_issue: string | null
  /** Seconds a load usually takes; null while it was never loaded. */
  eta_s: number | null
  /** The download, copy or delete of it that runs. */
  job: string | null
}
