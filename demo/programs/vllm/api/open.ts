import type { Faults } from '../../faults'
import { serve } from '../../server'
import type { Launch } from '../arguments/launch'
import { createEngine, type Engine } from '../model/engine'
import { createTokenizer } from '../model/tokens'
import type { Budget } from '../start/budget'
import type { Log } from '../start/log'
import type { Place } from '../start/place'
import { addressInUse, type Prepared } from '../start/prepare'
import type { Serving } from './accept'
import { route } from './routes'

export interface OpenOptions {
  launch: Launch
  prepared: Prepared
  budget: Budget
  place: Place
  faults: Faults
  log: Log
  /** Called whenever the number of running requests changes. */
  onRunning(requests: number): void
}

const WRONG_MODEL = 'Qwen/Qwen2.5-0.5B-Instruct'
const STATS_MS = 10_000
/** Tokens that somebody else's work adds at every look while the fault `busy` is in force. */
const BUSY_TOKENS = 8
const REASONS: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Opens the port of a loaded model and serves; resolves with its engine. Throws StartError where the port is taken. */
export async function open({ launch, prepared, budget, place, faults, log, onRunning }: OpenOptions): Promise<Engine> {
  const { model, fault } = prepared
  const wrong = fault === 'wrong-model'
  const engine = createEngine({
    modelName: launch.servedNames[0] ?? launch.model,
    maxSequences: launch.maxSequences,
    tokenMs: place.tokenMs,
    kvTokens: budget.kvTokens,
    speculativeTokens: launch.speculative?.tokens ?? 0,
    stalled: () => faults.current() === 'stall',
    going: (signal) => faults.over('stall', signal),
    onRunning,
    onAbort: (id) => log.info('APIServer', 'async_llm.py:722', `Request ${id} aborted.`),
  })
  const serving: Serving = {
    launch,
    model,
    engine,
    names: wrong ? [WRONG_MODEL] : launch.servedNames,
    root: wrong ? WRONG_MODEL : launch.model,
    maxModelLen: budget.maxModelLen,
    tokenizer: createTokenizer(model.vocabulary),
  }
  faults.onBusy(() => engine.churn(BUSY_TOKENS))
  await serve({
    address: place.address,
    port: launch.port,
    probe: '/health',
    faults,
    handle: (call) => route(call, serving),
    answered({ client, method, path }, status) {
      if (launch.accessLog)
        log.plain('APIServer', `INFO:     ${client} - "${method} ${path} HTTP/1.1" ${status} ${REASONS[status] ?? ''}`)
    },
  }).catch(() => {
    throw addressInUse()
  })
  log.plain('APIServer', `INFO:     Started server process [${process.pid}]`)
  log.plain('APIServer', 'INFO:     Waiting for application startup.')
  log.plain('APIServer', 'INFO:     Application startup complete.')
  printStats(engine, log)
  return engine
}

/** vLLM's line about throughput; it falls silent while nothing happens. */
function printStats({ metrics, gauges }: Engine, log: Log): void {
  let before = { prompt: 0, generation: 0 }
  let quiet = true
  const rate = (tokens: number) => (tokens / (STATS_MS / 1000)).toFixed(1)
  setInterval(() => {
    const now = { prompt: metrics.value('vllm:prompt_tokens'), generation: metrics.value('vllm:generation_tokens') }
    const { running, waiting, kvCacheUsage } = gauges()
    const idle = running === 0 && now.prompt === before.prompt && now.generation === before.generation
    const hits = metrics.value('vllm:prefix_cache_hits') / Math.max(1, metrics.value('vllm:prefix_cache_queries'))
    const line = `Engine 000: Avg prompt throughput: ${rate(now.prompt - before.prompt)} tokens/s, Avg generation throughput: ${rate(now.generation - before.generation)} tokens/s, Running: ${running} reqs, Waiting: ${waiting} reqs, GPU KV cache usage: ${(100 * kvCacheUsage).toFixed(1)}%, Prefix cache hit rate: ${(100 * hits).toFixed(1)}%`
    if (!idle || !quiet) log.info('APIServer', 'loggers.py:257', line)
    quiet = idle
    before = now
  }, STATS_MS)
}
