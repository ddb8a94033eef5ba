import type { Host, Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'

/** Everything that decides what is run for one launch. */
export interface LaunchOrder {
  recipe: Recipe
  service: Service
  /** The share of memory to ask for where the recipe leaves it open; null: as the recipe says. */
  utilization: number | null
  /** Where the weights lie; null: in the cache that the launcher reads by itself. */
  weights: WeightsPlace | null
}

/** Weights that lie elsewhere than in the login's own cache; the paths are the same on every host of the launch. */
export interface WeightsPlace {
  /** `hub`: another Hugging Face cache, mounted in place of the own; `folder`: a plain folder, mounted and named in the command. */
  layout: 'hub' | 'folder'
  /** The hub directory, or the model's folder; absolute. */
  path: string
}

/** A question asked on a host before anything is touched. */
export interface Requirement {
  /** Exit code 0 is yes; a pure argument list. */
  argv: string[]
  /** Told where it is no: `image X is not on spark-1; pull it there`. */
  problem: string
}

/** What the wrapper of a launch runs on the head (see core/swap/job-directory.ts): argument lists, never shell text. */
export interface LaunchWork {
  /** Folder to start in; `~/` is the home. Null: the home. */
  directory: string | null
  /** Starts it and returns; it must outlive this. */
  start: string[]
  /** Runs until it is ended and prints the engine's log. */
  log: string[]
  /** Exit code 0 while the engine lives. */
  alive: string[]
}

/** One way to start a model; a pure description of commands, effects are the swap's. */
export interface Launcher {
  name: 'launch-cluster' | 'docker' | 'script'
  /** Why this order can't be launched this way by what is declared alone; null where it can. */
  refusal(order: LaunchOrder): string | null
  requirements(order: LaunchOrder, host: Host, isHead: boolean): Requirement[]
  work(order: LaunchOrder): LaunchWork
  /** Ends what it started on one host, each command in turn, none an error when nothing is there. */
  stop(order: Pick<LaunchOrder, 'recipe' | 'service'>, host: Host, isHead: boolean): string[][]
  /** Prints something while anything of it is left on that host, nothing once it is gone; null: this launcher leaves nothing there. */
  proof(order: Pick<LaunchOrder, 'recipe' | 'service'>, host: Host, isHead: boolean): string[] | null
}
