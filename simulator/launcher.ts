import { flagValue } from '../core/models/flags'
import { type Engine, startEngine } from './engine'
import type { Model } from './model'
import type { Process } from './process'
import type { Spark } from './spark'
import type { World } from './world'

export interface LauncherCall {
  launch: string
  fence: number
  /** What the wrapper was told to start. */
  words: string[]
  spark: Spark
  /** Ends with the launcher in it. */
  wrapper: Process
  log(line: string): void
}

/** Runs launch-cluster.sh or docker as the wrapper does. @returns its engine, or the exit code of a launcher that failed */
export function runLauncher(call: LauncherCall, world: World): Promise<Engine | number> {
  return call.words.includes('./launch-cluster.sh') ? launchCluster(call, world) : dockerRun(call, world)
}

async function launchCluster({ words, spark, wrapper, log, ...call }: LauncherCall, world: World) {
  const { random, sparks } = world
  const container = flagValue(words, ['--name']) ?? 'vllm_node'
  const fabric = flagValue(words, ['-n'])?.split(',') ?? []
  const named = fabric.flatMap((address) => [...sparks.values()].filter(({ host }) => host.fabric === address))
  const nodes = named.length > 0 ? named : [spark]
  await wrapper.sleep(random.int(200, 1000))
  // The trap of the stock launcher: what runs under that name is taken for what was asked.
  if (nodes.some((each) => each.containers.get(container)?.running)) log('Cluster already running. Skipping launch...')
  else {
    for (const node of nodes) {
      if (!node.up) {
        log(`Error: Passwordless SSH to ${node.host.fabric} failed`)
        return 1
      }
      if (!node.containers.create(container)) {
        log(`Error response from daemon: Conflict. The container name "/${container}" is already in use`)
        return 125
      }
      await wrapper.sleep(random.int(300, 1500))
    }
  }
  const inside = nodes.filter((each) => each.up && each.containers.get(container)?.running)
  if (inside[0] !== spark) {
    log(`Error: No such container: ${container}`)
    return 1
  }
  if (inside.length < nodes.length) {
    log('ValueError: requires more nodes, a worker died')
    return 1
  }
  const start = { ...engineOf(words, world), ...call, sparks: inside, container, log: logTo(spark, container, log) }
  return startEngine(start, world)
}

async function dockerRun({ words, spark, wrapper, log, ...call }: LauncherCall, world: World) {
  const container = flagValue(words, ['--name']) ?? 'vllm_node'
  await wrapper.sleep(world.random.int(200, 1000))
  if (!spark.containers.create(container)) {
    log(`docker: Error response from daemon: Conflict. The container name "/${container}" is already in use`)
    return 125
  }
  const into = logTo(spark, container, log)
  const engine = startEngine({ ...engineOf(words, world), ...call, sparks: [spark], container, log: into }, world)
  // The engine is the container's own process.
  void engine.ended.then(() => {
    const left = spark.containers.get(container)
    if (left?.running && left.engines.size === 0) Object.assign(left, { running: false, exit: 1 })
  })
  return engine
}

/** What the engine's command asks for. */
function engineOf(words: string[], { models }: World): { model: Model; port: number; utilization: number } {
  const serve = words.indexOf('serve')
  const repo = words[serve + 1] ?? ''
  const model = models.get(repo)
  if (!model) throw new Error(`simulator: no model ${repo} in ${words.join(' ')}`)
  const utilization = Number(flagValue(words, ['--gpu-memory-utilization']) ?? 0.92)
  return { model, port: Number(flagValue(words, ['--port']) ?? 8000), utilization }
}

function logTo(spark: Spark, container: string, log: (line: string) => void) {
  return (line: string) => {
    spark.containers.get(container)?.log.push(line)
    log(line)
  }
}
