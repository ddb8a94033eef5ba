import type { DockerSettings, Recipe, ScriptSettings } from './recipe'
import type { Remark } from './recipe-reading'

/** The block `spark_control` after validation. */
export interface OwnBlock {
  capabilities?: string[]
  title?: string
  known_issue?: string
  runtime?: Recipe['runtime']
  docker?: Partial<DockerSettings>
  script?: Partial<ScriptSettings> & Pick<ScriptSettings, 'start' | 'stop' | 'status'>
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
