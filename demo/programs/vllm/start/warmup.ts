import { DEVICE_BYTES, gib } from './budget'
import { tqdmBar } from './progress'
import { CONTEXT_BYTES, engineSpeaker, type Start, type Step, say } from './step'

const TRACE_SECONDS = 3
const COMPILE_SECONDS = { cold: 8, warm: 1.2 }
const GRAPHS = {
  'Capturing CUDA graphs (mixed prefill-decode, PIECEWISE)': 11,
  'Capturing CUDA graphs (decode, FULL)': 7,
}
const GRAPH_SECONDS = 0.18

/** The model is compiled, or taken from the cache of an earlier start. */
export function* compilePhase({ launch, speed, warm, compileCache }: Start): Generator<Step> {
  const speaker = engineSpeaker(launch)
  const range = `compile range (1, ${launch.maxBatchedTokens})`
  const seconds = warm ? COMPILE_SECONDS.warm : COMPILE_SECONDS.cold
  const took = (seconds / speed).toFixed(2)
  yield say(1, speaker, 'backends.py:644', `Using cache directory: ${compileCache} for vLLM's torch.compile`)
  yield say(2, speaker, 'backends.py:704', `Dynamo bytecode transform time: ${(TRACE_SECONDS / speed).toFixed(2)} s`)
  yield warm
    ? say(
        seconds,
        speaker,
        'backends.py:226',
        `Directly load the compiled graph(s) for ${range} from the cache, took ${took} s`,
      )
    : say(seconds, speaker, 'backends.py:261', `Compiling a graph for ${range} takes ${took} s`)
  yield say(
    0,
    speaker,
    'monitor.py:34',
    `torch.compile took ${((TRACE_SECONDS + seconds) / speed).toFixed(2)} s in total`,
  )
}

/** A first run shows what the weights leave for the KV cache, which then takes it. */
export function* cachePhase(start: Start): Generator<Step> {
  const { launch, speed } = start
  const speaker = engineSpeaker(launch)
  yield say(2, speaker, 'gpu_worker.py:355', `Initial profiling/warmup run took ${(2 / speed).toFixed(2)} s`)
  yield say(
    0.4,
    speaker,
    'gpu_model_runner.py:5101',
    'Profiling CUDA graph memory: PIECEWISE=11 (largest=64), FULL=7 (largest=32)',
  )
  yield { seconds: 0.4, gate: 'plan-memory' }
  const { weights, kvCache, kvTokens, maxModelLen } = start.budget()
  yield say(0, speaker, 'gpu_worker.py:375', `Available KV cache memory: ${gib(kvCache)} GiB`)
  if (!launch.headless) {
    const times = (kvTokens / maxModelLen).toFixed(2)
    yield say(0.1, 'EngineCore', 'kv_cache_utils.py:1291', `GPU KV cache size: ${grouped(kvTokens)} tokens`)
    yield say(
      0,
      'EngineCore',
      'kv_cache_utils.py:1296',
      `Maximum concurrency for ${grouped(maxModelLen)} tokens per request: ${times}x`,
    )
  }
  for (let tenth = 1; tenth <= 10; tenth++)
    yield { seconds: 0.05, claim: CONTEXT_BYTES + weights + (kvCache * tenth) / 10 }
  yield say(0.2, speaker, 'autotuner.py:256', 'flashinfer.jit: [Autotuner]: Autotuning process starts ...')
  yield say(2.5, speaker, 'autotuner.py:262', 'flashinfer.jit: [Autotuner]: Autotuning process ends')
}

/** CUDA graphs are captured for every batch size. */
export function* graphPhase({ launch, speed }: Start): Generator<Step> {
  const speaker = engineSpeaker(launch)
  for (const [title, graphs] of Object.entries(GRAPHS)) {
    for (let done = 0; done <= graphs; done++) {
      const text = tqdmBar(title, done, graphs, (done * GRAPH_SECONDS) / speed)
      yield { seconds: done === 0 ? 0 : GRAPH_SECONDS, print: (log) => log.bar(speaker, text, done < graphs) }
    }
  }
  yield say(
    0.1,
    speaker,
    'gpu_model_runner.py:4712',
    `Graph capturing finished in ${Math.round(3.2 / speed)} secs, took 0.58 GiB`,
  )
}

/** All memory that was asked for is held from now on; the head gets ready to serve. */
export function* readyPhase(start: Start): Generator<Step> {
  const { launch, speed } = start
  yield { seconds: 0.2, claim: Math.min(start.budget().total, DEVICE_BYTES) }
  yield { seconds: 0, gate: 'all-ready' }
  if (launch.headless) return
  yield say(
    0.1,
    'EngineCore',
    'core.py:259',
    `init engine (profile, create kv cache, warmup model) took ${(16 / speed).toFixed(2)} seconds`,
  )
  yield say(0.6, 'APIServer', 'api_server.py:1099', `Supported tasks: ${launch.pooling ? "['embed']" : "['generate']"}`)
  if (launch.autoTools) yield say(0, 'APIServer', 'serving.py:204', '"auto" tool choice has been enabled.')
  yield say(0.3, 'APIServer', 'api_server.py:1425', `Starting vLLM server on http://${launch.host}:${launch.port}`)
}

function grouped(number: number): string {
  return number.toLocaleString('en-US')
}
