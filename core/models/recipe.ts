/** One launchable model: a community recipe (spark-vllm-docker v1) plus our optional `spark_control` block. */
export interface Recipe {
  /** The file name, lower-cased, without `.yaml`. */
  id: string
  name: string
  description: string
  /** `org/name` on Hugging Face. */
  repo: string
  /** Image tag of the container. */
  container: string
  /** Template with `{placeholder}`; literal braces doubled. */
  command: string
  defaults: Record<string, string | number | boolean>
  env: Record<string, string>
  mods: string[]
  soloOnly: boolean
  clusterOnly: boolean
  /** Hosts a launch needs: product of tensor, pipeline and data parallel sizes. */
  nodes: number
  capabilities: string[]
  knownIssue: string | null
  /** How it is started. */
  runtime: 'launch-cluster' | 'docker' | 'script'
  /** Settings of `docker run`; null for other runtimes. */
  docker: DockerSettings | null
  /** The owner's own commands; null for other runtimes. */
  script: ScriptSettings | null
  demand: DemandRules
  /** Hugging Face revision the recipe wants; null: main. */
  revision: string | null
  /** `shipped`, `own` (the data directory), `launcher:<host>`, or the name of a declared source. */
  source: string
  /** SHA-256 over all that decides what is run, hex; trust is given to it. */
  hash: string
  /** Its commands may be run: it stands in files of the owner, or was accepted. */
  trusted: boolean
  /** The YAML as written. */
  text: string
  /** File as named to the operator. */
  file: string
  /** Null when it can be launched, else the reason why not. */
  unrunnable: string | null
}

/** How a model comes and goes by what apps ask for. */
export interface DemandRules {
  /** A request that names it loads it. */
  onDemand: boolean
  /** What is asked for ends no model of higher priority. */
  priority: number
  /** Seconds for which it stays once it is loaded, whatever is asked for. */
  minLoadedS: number
  /** Seconds without a request after which it is unloaded; null: never. */
  idleUnloadS: number | null
  /** Nothing that is asked for ends it. */
  keep: boolean
}

/** How `docker run` starts a recipe of runtime `docker`; everything has docker's or vLLM's usual value when left out. */
export interface DockerSettings {
  /** null: cleared, so that the command names the program; `keep`: the image's own; else the program. What it ends with (`vllm serve`) is left out of the command's beginning. */
  entrypoint: string | null
  /** `source:target[:ro]`; a source without a leading `/` or `~/` lies in the launcher's folder. */
  mounts: string[]
  /** docker's size, as `16g`; null: `--ipc host` instead. */
  shm: string | null
  network: string
  privileged: boolean
  gpus: string
  user: string | null
  /** Where the image looks for the Hugging Face cache. */
  cache: string
}

/** How a recipe of runtime `script` is started, ended and looked at: each an argument list, run on the head; `{port}` in a word is the service's port. */
export interface ScriptSettings {
  /** Folder the commands run in; `~/` is the home. */
  folder: string | null
  start: string[]
  stop: string[]
  /** Exit code 0 while it runs. */
  status: string[]
  /** File its log goes to; null: what `start` prints. */
  log: string | null
}
