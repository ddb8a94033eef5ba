import type { Host, Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'

/** Everything that decides what is run for one launch. */
export interface LaunchOrder {
  recipe: Recipe
  service: Service
  /** The share of memory to ask for where the recipe leaves it open; null: as the recipe says. */
  utilization: number | null
  /** By host id: bytes it takes, and bytes that must be free before it is started; absent where that is not known. */
  memory: Record<string, { takes: number; free: number }>
  /** Where the weights lie; null: in the cache that a launch mounts by itself (`$HF_HOME`, else `~/.cache/huggingface`). */
  weights: WeightsPlace | null
}

/** Weights that lie elsewhere than in the cache that a launch mounts by itself; the paths are the same on every host of the launch. */
export interface WeightsPlace {
  /** `hub`: another Hugging Face cache, mounted in place of that one; `folder`: a plain folder, mounted and named in the command. */
  layout: 'hub' | 'folder'
  /** The hub directory, or the model's folder; absolute. */
  path: string
}

/** A question asked on a host before anything is touched. */
export interface Requirement {
  /** Exit code 0 is yes; a pure argument list, a leading `~/` of a word is the home. */
  argv: string[]
  /** Told where it is no: `image X is not on spark-1; pull it there`. */
  problem: string
  /** Told where the first line it prints is another than on the head; left out where that does not matter. */
  differs?: string
}

/** What the wrapper of a launch runs on the head (see core/swap/steps/job-scripts.ts): argument lists, never shell text. */
export interface LaunchWork {
  /** Folder to start in; `~/` is the home. Null: the home. */
  directory: string | null
  /** Starts it and returns; it must outlive this. */
  start: string[]
  /** In this many words of `start`, from the first, a leading `~/` is the home; the others arrive as written. */
  homes: number
  /** Runs until it is ended and prints the engine's log; empty where `start` prints it. A leading `~/` is the home. */
  log: string[]
  /** Follow the log before the start, so that no line of it is missed; else it is there only afterwards. */
  logFirst: boolean
  /** Exit code 0 while the engine lives; a leading `~/` is the home. */
  alive: string[]
  /** Prints how the engine ended, once it does not live; empty where nothing tells. */
  verdict: string[]
}

/** How it is told whether something is still there. */
export interface Proof {
  /** A leading `~/` is the home. */
  argv: string[]
  /**
   * `output`: it is there while this prints something; another exit code than 0 leaves it open.
   * `success`: it is there while this ends with 0; 125 to 127 say that it can't be run, so that nothing can be asked.
   */
  by: 'output' | 'success'
}

/** What a launch is known by once it runs. */
export type Launched = Pick<LaunchOrder, 'recipe' | 'service'>

/** One way to start a model; a pure description of commands, effects are the swap's. */
export interface Launcher {
  name: 'launch-cluster' | 'docker' | 'script'
  /** Its log may say nothing for long: `alive` tells that the load goes on. */
  quiet: boolean
  /** Why this order can't be launched this way by what is declared alone; null where it can. */
  refusal(order: LaunchOrder): string | null
  requirements(order: LaunchOrder, host: Host, isHead: boolean): Requirement[]
  /** Asked on the head right before a launch, where `work` depends on what is installed there; a leading `~/` is the home. Null: it does not. */
  question(order: LaunchOrder): string[] | null
  /** @param said what the head printed to the question; left out: as on most heads */
  work(order: LaunchOrder, said?: string): LaunchWork
  /** Ends what it started on one host, each command in turn, none an error when nothing is there; a leading `~/` is the home. */
  stop(launched: Launched, host: Host, isHead: boolean): string[][]
  /** Tells whether anything of it is left on that host; null: this launcher leaves nothing there. */
  proof(launched: Launched, host: Host, isHead: boolean): Proof | null
}
