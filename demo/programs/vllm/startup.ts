import { type Budget, DEVICE_BYTES, GIB, gib } from './budget'
import type { Checkpoint } from './checkpoint'
import type { Launch } from './launch'
import type { Log, Speaker } from './log'
import { checkpointBar, tqdmBar } from './progress'
import { pythonText } from './python'

/** What a start must wait for or check before it goes on. */
export type Gate = 'free-memory' | 'join' | 'plan-memory' | 'all-loaded'

/** One moment of a start: `seconds` (at speed 1) after the one before, then a gate, a claim in bytes, a printed line. */
export interface Step {
  seconds: number
  gate?: Gate
  claim?: number
  /** The part of the main model's weights that is loaded by now. */
  loaded?: number
  print?: (log: Log) => void
}

/** All that a start's log depends on. */
export interface Start {
  launch: Launch
  model: Checkpoint
  drafter: Checkpoint | null
  speed: number
  version: string
  /** Is a compiled graph of this launch in the cache? */
  warm: boolean
  compileCache: string
  maxModelLen: number
  /** Known once the gate `plan-memory` was passed. */
  budget: () => Budget
  /** Free memory right now, in bytes. */
  available: () => number
}

const CONTEXT_BYTES = 0.6 * GIB
const BYTES_PER_SECOND = { plain: 2.5e9, fast: 3.5e9 }
const FAST_LOADERS = ['fastsafetensors', 'instanttensor', 'runai_streamer', 'b12x']

/** The moments of one start in order, from the first line to the last one before the port opens. Pure but for `start`'s functions. */
export function* startup(start: Start): Generator<Step> {
  const { launch, model } = start
  if (launch.headless) yield* headlessPhase(start)
  else yield* configPhase(start)
  yield* joinPhase(start)
  yield* weightsPhase(start, 'model', model.shards)
  if (launch.speculative) yield* weightsPhase(start, 'drafter', start.drafter?.shards ?? [0.02 * sum(model.shards)])
  yield { seconds: 0, gate: 'all-loaded' }
  yield* compilePhase(start)
  yield* cachePhase(start)
  if (!launch.eager) yield* graphPhase(start)
  yield* readyPhase(start)
}

/** Who speaks for the engine on this node. */
export function engineSpeaker({ tensorParallel, nodes, rank }: Launch): Speaker {
  return tensorParallel > 1 || nodes > 1 ? `Worker_TP${rank}` : 'EngineCore'
}

function* configPhase({ launch, model, maxModelLen, version }: Start): Generator<Step> {
  const api = (place: string, text: string) => (log: Log) => log.info('APIServer', place, text)
  yield { seconds: 5, print: api('utils.py:299', `vLLM API server version ${version}, serving model ${launch.model}`) }
  yield { seconds: 0, print: api('utils.py:233', `non-default args: ${pythonText(launch.nonDefault)}`) }
  yield { seconds: 1.5, print: api('model.py:541', `Resolved architecture: ${model.architecture}`) }
  yield { seconds: 0, print: api('model.py:1561', `Using max model len ${maxModelLen}`) }
  if (launch.kvBytesPerValue === 1) {
    yield { seconds: 0, print: api('cache.py:216', 'Using fp8 data type to store kv cache. It reduces the GPU memory footprint and boosts the performance.') }
  }
  const batched = launch.maxBatchedTokens
  yield { seconds: 0.2, print: api('scheduler.py:226', `Chunked prefill is enabled with max_num_batched_tokens=${batched}.`) }
  const engine = `Initializing a V1 LLM engine (v${version}) with config: model='${launch.model}', speculative_config=${pythonText(launch.speculative)}, tokenizer='${launch.model}', max_seq_len=${maxModelLen}, tensor_parallel_size=${launch.tensorParallel}, pipeline_parallel_size=${launch.pipelineParallel}, enforce_eager=${pythonText(launch.eager)}, served_model_name=${launch.servedNames[0]}`
  yield { seconds: 4.5, claim: CONTEXT_BYTES, print: (log) => log.info('EngineCore', 'core.py:102', engine) }
}

function* headlessPhase({ launch, version }: Start): Generator<Step> {
  const text = `Launching vLLM (v${version}) headless multiproc executor, with head node address ${launch.master} for torch.distributed process group.`
  yield { seconds: 10, claim: CONTEXT_BYTES, print: (log) => log.info(engineSpeaker(launch), 'serve.py:196', text) }
}

function* joinPhase({ launch }: Start): Generator<Step> {
  const speaker = engineSpeaker(launch)
  const ranks = launch.tensorParallel * launch.pipelineParallel
  const init = `world_size=${ranks} rank=${launch.rank} local_rank=0 distributed_init_method=tcp://${launch.master} backend=nccl`
  yield { seconds: 0.6, print: (log) => log.info(speaker, 'parallel_state.py:1212', init) }
  yield { seconds: 0, gate: 'join' }
  if (ranks > 1) yield { seconds: 0.8, print: (log) => log.info(speaker, 'pynccl.py:111', 'vLLM is using nccl==2.28.9') }
  yield { seconds: 0.4, gate: 'free-memory' }
  const assigned = `rank ${launch.rank} in world size ${ranks} is assigned as DP rank 0, PP rank 0, PCP rank 0, TP rank ${launch.rank}, EP rank 0`
  yield { seconds: 0, print: (log) => log.info(speaker, 'parallel_state.py:1423', assigned) }
}

function* weightsPhase(start: Start, which: 'model' | 'drafter', shards: number[]): Generator<Step> {
  const { launch, speed } = start
  const speaker = engineSpeaker(launch)
  const main = which === 'model'
  const ranks = launch.tensorParallel * launch.pipelineParallel
  const bytes = sum(shards)
  const before = CONTEXT_BYTES + (main ? 0 : sum(start.model.shards) / ranks)
  const fast = FAST_LOADERS.includes(launch.loader)
  const pace = (fast ? BYTES_PER_SECOND.fast : BYTES_PER_SECOND.plain) * ranks
  const title = fast ? 'Loading safetensors using Fastsafetensor loader' : 'Loading safetensors checkpoint shards'
  const opening = main ? `Starting to load model ${launch.model}...` : 'Loading drafter model...'
  yield { seconds: 0.8, print: (log) => log.info(speaker, 'gpu_model_runner.py:3808', opening) }
  if (main) {
    yield { seconds: 0.2, print: (log) => log.info(speaker, 'cuda.py:351', 'Using FLASHINFER attention backend.') }
    const filesystem = () => `Filesystem type for checkpoints: EXT4. Checkpoint size: ${(bytes / GIB).toFixed(2)} GiB. Available RAM: ${(start.available() / GIB).toFixed(2)} GiB.`
    yield { seconds: 0.3, print: (log) => log.info(speaker, 'weight_utils.py:710', filesystem()) }
  }
  let read = 0
  for (const [index, shard] of shards.entries()) {
    const seconds = read / pace / speed
    yield { seconds: 0, print: (log) => log.bar(speaker, checkpointBar(title, index, shards.length, seconds)) }
    for (let quarter = 1; quarter <= 4; quarter++) {
      const now = read + (shard * quarter) / 4
      yield { seconds: shard / 4 / pace, claim: before + now / ranks, ...(main ? { loaded: now / bytes } : {}) }
    }
    read += shard
  }
  const took = bytes / pace / speed
  yield { seconds: 0, print: (log) => log.bar(speaker, checkpointBar(title, shards.length, shards.length, took)) }
  yield { seconds: 0.1, print: (log) => log.info(speaker, 'default_loader.py:384', `Loading weights took ${took.toFixed(2)} seconds`) }
  const held = `Model loading took ${gib(bytes / ranks)} GiB memory and ${(took + 1.4 / speed).toFixed(6)} seconds`
  yield { seconds: 0.6, print: (log) => log.info(speaker, 'gpu_model_runner.py:3905', held) }
}

function* compilePhase({ launch, speed, warm, compileCache }: Start): Generator<Step> {
  const speaker = engineSpeaker(launch)
  const info = (seconds: number, place: string, text: string): Step => ({ seconds, print: (log) => log.info(speaker, place, text) })
  if (!launch.eager) {
    const range = `compile range (1, ${launch.maxBatchedTokens})`
    const compile = warm ? 1.2 : 8
    yield info(1, 'backends.py:644', `Using cache directory: ${compileCache} for vLLM's torch.compile`)
    yield info(2, 'backends.py:704', `Dynamo bytecode transform time: ${(3 / speed).toFixed(2)} s`)
    yield warm
      ? info(compile, 'backends.py:226', `Directly load the compiled graph(s) for ${range} from the cache, took ${(compile / speed).toFixed(3)} s`)
      : info(compile, 'backends.py:261', `Compiling a graph for ${range} takes ${(compile / speed).toFixed(2)} s`)
    yield info(0, 'monitor.py:34', `torch.compile took ${((3 + compile) / speed).toFixed(2)} s in total`)
  }
  yield info(2, 'gpu_worker.py:355', `Initial profiling/warmup run took ${(2 / speed).toFixed(2)} s`)
}

function* cachePhase(start: Start): Generator<Step> {
  const { launch } = start
  const speaker = engineSpeaker(launch)
  yield { seconds: 0.4, print: (log) => log.info(speaker, 'gpu_model_runner.py:5101', 'Profiling CUDA graph memory: PIECEWISE=11 (largest=64), FULL=7 (largest=32)') }
  yield { seconds: 0.4, gate: 'plan-memory' }
  yield { seconds: 0, print: (log) => log.info(speaker, 'gpu_worker.py:375', `Available KV cache memory: ${gib(start.budget().kvCache)} GiB`) }
  if (!launch.headless) {
    yield { seconds: 0.1, print: (log) => log.info('EngineCore', 'kv_cache_utils.py:1291', `GPU KV cache size: ${start.budget().kvTokens.toLocaleString('en-US')} tokens`) }
    const concurrency = () => {
      const { kvTokens, maxModelLen } = start.budget()
      return `Maximum concurrency for ${maxModelLen.toLocaleString('en-US')} tokens per request: ${(kvTokens / maxModelLen).toFixed(2)}x`
    }
    yield { seconds: 0, print: (log) => log.info('EngineCore', 'kv_cache_utils.py:1296', concurrency()) }
  }
  const { weights, kvCache } = start.budget()
  for (let tenth = 1; tenth <= 10; tenth++) yield { seconds: 0.05, claim: CONTEXT_BYTES + weights + (kvCache * tenth) / 10 }
  yield { seconds: 0.2, print: (log) => log.info(speaker, 'autotuner.py:256', 'flashinfer.jit: [Autotuner]: Autotuning process starts ...') }
  yield { seconds: 2.5, print: (log) => log.info(speaker, 'autotuner.py:262', 'flashinfer.jit: [Autotuner]: Autotuning process ends') }
}

function* graphPhase({ launch, speed }: Start): Generator<Step> {
  const speaker = engineSpeaker(launch)
  for (const [title, graphs] of [
    ['Capturing CUDA graphs (mixed prefill-decode, PIECEWISE)', 11],
    ['Capturing CUDA graphs (decode, FULL)', 7],
  ] as const) {
    for (let done = 0; done <= graphs; done++) {
      const text = tqdmBar(title, done, graphs, (done * 0.18) / speed)
      yield { seconds: done === 0 ? 0 : 0.18, print: (log) => log.bar(speaker, text, done < graphs) }
    }
  }
  const took = Math.round(3.2 / speed)
  yield { seconds: 0.1, print: (log) => log.info(speaker, 'gpu_model_runner.py:4712', `Graph capturing finished in ${took} secs, took 0.58 GiB`) }
}

function* readyPhase(start: Start): Generator<Step> {
  const { launch, speed } = start
  const { total } = start.budget()
  yield { seconds: 0.2, claim: Math.min(total, DEVICE_BYTES) }
  if (launch.headless) return
  const api = (place: string, text: string) => (log: Log) => log.info('APIServer', place, text)
  const took = `init engine (profile, create kv cache, warmup model) took ${(16 / speed).toFixed(2)} seconds`
  yield { seconds: 0.1, print: (log) => log.info('EngineCore', 'core.py:259', took) }
  yield { seconds: 0.6, print: api('api_server.py:1099', `Supported tasks: ${launch.pooling ? "['embed']" : "['generate']"}`) }
  if (launch.autoTools) yield { seconds: 0, print: api('serving.py:204', '"auto" tool choice has been enabled.') }
  yield { seconds: 0.3, print: api('api_server.py:1425', `Starting vLLM server on http://${launch.host}:${launch.port}`) }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
