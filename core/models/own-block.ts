import type { DemandRules, DockerSettings, Recipe, ScriptSettings } from './recipe'
import type { Remark } from './recipe-reading'

/** The block `spark_control` after validation. */
export interface OwnBlock {
  capabilities?: string[]
  title?: string
  known_issue?: string
  runtime?: Recipe['runtime']
  docker?: Partial<DockerSettings>
  script?: Partial<ScriptSettings> & Pick<ScriptSettings, 'start' | 'stop' | 'status'>
  on_demand?: boolean
  priority?: number
  min_loaded_s?: number
  idle_unload_s?: number | null
  keep?: boolean
}

/** How `docker run` starts what says nothing about it. */
export const usualDocker: DockerSettings = {
  entrypoint: null,
  mounts: [],
  shm: null,
  network: 'host',
  privileged: false,
  gpus: 'all',
  user: null,
  cache: '/root/.cache/huggingface',
}

/** How a model comes and goes where its recipe says nothing: when a person or an app swaps. */
export const usualDemand: DemandRules = {
  onDemand: false,
  priority: 0,
  minLoadedS: 300,
  idleUnloadS: null,
  keep: false,
}

/** How the model of a block comes and goes. */
export function demandOf(block: OwnBlock): DemandRules {
  return {
    onDemand: block.on_demand ?? usualDemand.onDemand,
    priority: block.priority ?? usualDemand.priority,
    minLoadedS: block.min_loaded_s ?? usualDemand.minLoadedS,
    idleUnloadS: block.idle_unload_s ?? usualDemand.idleUnloadS,
    keep: block.keep ?? usualDemand.keep,
  }
}

/** The runtime that a block names, with every setting of it filled in; `instead` is what the recipe around it says. */
export function runtimeOf(
  block: OwnBlock,
  instead: Pick<Recipe, 'runtime' | 'docker'> = { runtime: 'launch-cluster', docker: null },
): Pick<Recipe, 'runtime' | 'docker' | 'script'> {
  const { runtime = instead.runtime, docker, script } = block
  return {
    runtime,
    docker: runtime === 'docker' ? { ...usualDocker, ...instead.docker, ...docker } : null,
    script: runtime === 'script' && script ? { folder: null, log: null, ...script } : null,
  }
}

/** Settings that are missing, or that its runtime does not read. */
export function runtimeRemarks(block: OwnBlock, runtime: Recipe['runtime']): Remark[] {
  const remarks: Remark[] = []
  const tell = (key: string, problem: string, remedy: string) =>
    remarks.push({ key: `spark_control.${key}`, problem, remedy, severity: 'error' })
  if (block.docker && runtime !== 'docker')
    tell('docker', `is read by runtime docker, this one is ${runtime}`, 'add runtime: docker, or remove it')
  if (block.script && runtime !== 'script')
    tell('script', `is read by runtime script, this one is ${runtime}`, 'add runtime: script, or remove it')
  if (!block.script && runtime === 'script')
    tell('runtime', 'names no commands', 'add script: with start, stop and status, each a list of words')
  return remarks
}
