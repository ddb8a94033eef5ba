import type { Composition } from './compose'
import { createMetrics, type Gauges, type Metrics } from './metrics'
import { hash } from './tokens'
import type { Event, Finish, Usage } from './turn'

export interface EngineOptions {
  modelName: string
  /** Requests that are worked on at once; the rest waits in line. */
  maxSequences: number
  /** Milliseconds a token takes, whatever runs beside it. */
  tokenMs: number
  kvTokens: number
  speculativeTokens: number
  /** Does it stand still right now? */
  stalled(): boolean
  /** Resolves when it no longer does, or the request is gone. */
  going(signal: AbortSignal): Promise<void>
  /** Called whenever the number of running requests changes. */
  onRunning(running: number): void
  onAbort(id: string): void
}

/** One request for the engine. */
export interface Work {
  id: string
  promptTokens: readonly number[]
  maxTokens: number
  composition: Composition
  signal: AbortSignal
}

/** The part of a server that generates. */
export interface Engine {
  metrics: Metrics
  gauges(): Gauges
  /** Emits the composition's events at the engine's pace, then `end`; nothing more once the signal fired or the engine died. */
  run(work: Work): AsyncGenerator<Event>
  /** Counts as if `tokens` more had been generated for somebody. */
  churn(tokens: number): void
  /** From now on every request fails. */
  die(): void
  alive(): boolean
}

/** Raised in every request of an engine that has died. */
export class EngineDeadError extends Error {
  override message = 'EngineCore encountered an issue. See stack trace (above) for the root cause.'
}

const BLOCK_TOKENS = 16
const PREFILL_TOKENS_PER_SECOND = 8000
const REMEMBERED_BLOCKS = 50_000

/** An engine that paces what was composed, queues past its limit and keeps count. */
export function createEngine(options: EngineOptions): Engine {
  const metrics = createMetrics(options.modelName, options.kvTokens)
  const line: (() => void)[] = []
  const blocks = new Set<number>()
  let running = 0
  let held = 0
  let churning = 0
  let dead = false

  async function* run(work: Work): AsyncGenerator<Event> {
    const arrived = performance.now()
    const usage: Usage = { prompt: work.promptTokens.length, cached: 0, completion: 0, reasoning: 0 }
    let finish: Finish = 'abort'
    let first = 0
    if (!(await admitted(work.signal))) return
    const started = performance.now()
    held += usage.prompt
    options.onRunning(running)
    try {
      await options.going(work.signal)
      if (work.signal.aborted) return
      usage.cached = cachedTokens(work.promptTokens)
      metrics.add('vllm:prefix_cache_queries', usage.prompt)
      metrics.add('vllm:prefix_cache_hits', usage.cached)
      await pause((1000 * (usage.prompt - usage.cached)) / PREFILL_TOKENS_PER_SECOND, work.signal)
      metrics.add('vllm:prompt_tokens', usage.prompt)
      metrics.add('vllm:prompt_tokens_cached', usage.cached)
      let due = performance.now()
      for (const event of work.composition.events) {
        if (event.kind !== 'call') {
          due = Math.max(due + options.tokenMs, performance.now() - options.tokenMs)
          const before = performance.now()
          await pause(due - before, work.signal)
          await options.going(work.signal)
          if (dead) throw new EngineDeadError()
          if (work.signal.aborted) return
          note(usage, event.kind)
          if (first === 0) first = performance.now()
          else metrics.observe('vllm:inter_token_latency_seconds', (performance.now() - before) / 1000)
        }
        yield event
      }
      finish = work.composition.finish
    } finally {
      leave(usage)
      account(work, finish, usage, { arrived, started, first: first || performance.now() })
    }
    yield { kind: 'end', finish, stopReason: work.composition.stopReason, usage }
  }

  async function admitted(signal: AbortSignal): Promise<boolean> {
    if (dead) throw new EngineDeadError()
    if (running < options.maxSequences) {
      running++
      return true
    }
    const turn = Promise.withResolvers<boolean>()
    const enter = () => turn.resolve(true)
    const give = () => {
      line.splice(line.indexOf(enter), 1)
      finished('abort')
      turn.resolve(false)
    }
    line.push(enter)
    signal.addEventListener('abort', give, { once: true })
    const entered = await turn.promise
    signal.removeEventListener('abort', give)
    return entered
  }

  /** The place of one that leaves goes to the next in line without ever being free. */
  function leave(usage: Usage) {
    held -= usage.prompt + usage.completion
    const next = line.shift()
    if (next) next()
    else running--
    options.onRunning(running)
  }

  function note(usage: Usage, kind: Event['kind']) {
    usage.completion++
    held++
    if (kind === 'reasoning') usage.reasoning++
    metrics.add('vllm:generation_tokens', 1)
  }

  /** The counters are the engine's: while it stands still nobody counts who left. */
  function finished(reason: Exclude<Finish, 'tool_calls'>) {
    if (!options.stalled()) metrics.finished(reason)
  }

  /** Drafters of these models get about two thirds of their tokens accepted. */
  function noteDrafts(generated: number) {
    const drafts = Math.ceil(generated / (1 + (options.speculativeTokens * 2) / 3))
    metrics.add('vllm:spec_decode_num_drafts', drafts)
    metrics.add('vllm:spec_decode_num_draft_tokens', drafts * options.speculativeTokens)
    metrics.add('vllm:spec_decode_num_accepted_tokens', generated - drafts)
  }

  function account(work: Work, finish: Finish, usage: Usage, at: { arrived: number; started: number; first: number }) {
    const seconds = (from: number, to: number) => (to - from) / 1000
    const end = performance.now()
    finished(finish === 'tool_calls' ? 'stop' : finish)
    if (options.speculativeTokens > 0) noteDrafts(usage.completion)
    if (finish === 'abort') return options.onAbort(work.id)
    metrics.observe('vllm:time_to_first_token_seconds', seconds(at.arrived, at.first))
    metrics.observe('vllm:e2e_request_latency_seconds', seconds(at.arrived, end))
    metrics.observe('vllm:request_queue_time_seconds', seconds(at.arrived, at.started))
    metrics.observe('vllm:request_inference_time_seconds', seconds(at.started, end))
    metrics.observe('vllm:request_prefill_time_seconds', seconds(at.started, at.first))
    metrics.observe('vllm:request_decode_time_seconds', seconds(at.first, end))
    metrics.observe(
      'vllm:request_time_per_output_token_seconds',
      seconds(at.first, end) / Math.max(1, usage.completion - 1),
    )
    metrics.observe('vllm:request_prompt_tokens', usage.prompt)
    metrics.observe('vllm:request_generation_tokens', usage.completion)
    metrics.observe('vllm:request_params_max_tokens', work.maxTokens)
    metrics.observe('vllm:iteration_tokens_total', usage.completion)
  }

  function cachedTokens(tokens: readonly number[]) {
    let cached = 0
    let chain = 0
    if (blocks.size > REMEMBERED_BLOCKS) blocks.clear()
    for (let at = 0; at + BLOCK_TOKENS <= tokens.length; at += BLOCK_TOKENS) {
      chain = hash(`${chain},${tokens.slice(at, at + BLOCK_TOKENS)}`)
      if (blocks.has(chain)) cached += BLOCK_TOKENS
      blocks.add(chain)
    }
    return cached
  }

  return {
    metrics,
    run,
    gauges: () => ({
      // One that stands still does so over somebody's request.
      running: Math.max(running + (performance.now() < churning ? 1 : 0), options.stalled() ? 1 : 0),
      waiting: line.length,
      kvCacheUsage: Math.min(1, held / Math.max(1, options.kvTokens)),
    }),
    churn(tokens) {
      churning = performance.now() + 1000
      metrics.add('vllm:generation_tokens', tokens)
    },
    die() {
      dead = true
    },
    alive: () => !dead,
  }
}

/** Waits, but not past the end of the request. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const done = () => resolve()
  const timer = setTimeout(done, milliseconds)
  signal.addEventListener('abort', done)
  await promise
  clearTimeout(timer)
  signal.removeEventListener('abort', done)
}
