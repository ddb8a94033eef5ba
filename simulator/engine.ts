import type { Model, Trouble } from './model'
import { process } from './process'
import type { Spark } from './spark'
import type { World } from './world'

/** One engine with its workers: the thing of which a slot holds one at most. */
export interface Engine {
  /** Id of the launch that started it. */
  launch: string
  fence: number
  model: Model
  port: number
  /** Share of each host's memory that it was told to take, 0 to 1. */
  utilization: number
  /** The head first. */
  sparks: Spark[]
  container: string
  readonly state: 'loading' | 'serving' | 'ended'
  /** What it says it serves. */
  serves: string
  /** Answers a question for a token. */
  readonly gives: boolean
  readonly ended: Promise<void>
  /** Bytes it holds there now. */
  holds(spark: Spark): number
  end(why: string): void
}

export interface EngineStart {
  launch: string
  fence: number
  model: Model
  port: number
  utilization: number
  sparks: Spark[]
  container: string
  /** Hears every line of its log. */
  log(line: string): void
}

const steps = 6

/** Starts an engine in the containers of that name; they exist on all its Sparks. */
export function startEngine(start: EngineStart, world: World): Engine {
  const { model, sparks, container, log } = start
  const { trace, random, witness } = world
  const head = sparks[0]?.host.id
  const life = process(world.time)
  const trouble = model.trouble !== null && random.chance(model.share) ? model.trouble : null
  let state: Engine['state'] = 'loading'

  function end(why: string) {
    if (state === 'ended') return
    state = 'ended'
    trace.add(`${head} engine ${model.repo} of ${start.launch} ended: ${why}`)
    for (const each of sparks) {
      each.release(engine)
      each.containers.get(container)?.engines.delete(engine)
    }
    life.end()
  }

  async function load() {
    log('INFO vLLM API server version 0.11')
    await life.sleep(random.int(200, 1500))
    if (trouble === 'fails-at-start') return fail('error: argument --max-model-len: invalid value')
    log('INFO Starting to load model')
    for (let step = 1; step <= steps; step++) {
      await life.sleep((model.loadS * 1000) / steps)
      const broken = step === 4 ? troubleInLoad(trouble, engine) : null
      if (broken === 'silent') return
      if (broken) return fail(broken)
      const enough = sparks.every((each) => each.take(engine, (each.total * start.utilization * step) / steps))
      if (!enough) return fail('torch.OutOfMemoryError: CUDA out of memory.')
      log(`Loading safetensors checkpoint shards: ${Math.round((100 * step) / steps)}% Completed`)
    }
    log('INFO Application startup complete.')
    state = 'serving'
    trace.add(`${head} engine ${model.repo} of ${start.launch} serves`)
  }

  function fail(line: string) {
    log(line)
    end(line)
  }

  const engine: Engine = {
    ...start,
    get state() {
      return state
    },
    serves: trouble === 'wrong-model' ? 'org/other' : model.repo,
    gives: trouble !== 'no-token',
    ended: life.ended,
    holds: (spark) => spark.held(engine),
    end,
  }
  for (const each of sparks) {
    each.take(engine, 0)
    each.containers.get(container)?.engines.add(engine)
  }
  trace.add(`${head} engine ${model.repo} of ${start.launch} (fence ${start.fence}) starts in ${container}`)
  witness.engineStarted(engine)
  void load()
  return engine
}

/** What ends it in the midst; `silent` leaves it hanging. */
function troubleInLoad(trouble: Trouble | null, engine: Engine): string | null {
  if (trouble === 'stalls') return 'silent'
  if (trouble === 'fails-in-load') return 'ValueError: unsupported quantization'
  if (trouble === 'out-of-memory') return 'torch.OutOfMemoryError: CUDA out of memory.'
  if (trouble !== 'worker-dies') return null
  const worker = engine.sparks.at(-1)
  if (!worker || engine.sparks.length < 2) return 'EngineCore encountered a fatal error'
  worker.containers.remove(engine.container)
  return 'RayWorkerProc rank=1 died'
}
