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
  /** Where it came from: `shipped`, `own`. */
  source: string
  /** File as named to the operator. */
  file: string
  /** Null when it can be launched, else the reason why not. */
  unrunnable: string | null
}
