const TTFT = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
]
const REQUEST = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680]
const TOKEN = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80]
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000]

const HISTOGRAMS = {
  'vllm:time_to_first_token_seconds': TTFT,
  'vllm:inter_token_latency_seconds': TOKEN,
  'vllm:request_time_per_output_token_seconds': TOKEN,
  'vllm:e2e_request_latency_seconds': REQUEST,
  'vllm:request_queue_time_seconds': REQUEST,
  'vllm:request_inference_time_seconds': REQUEST,
  'vllm:request_prefill_time_seconds': REQUEST,
  'vllm:request_decode_time_seconds': REQUEST,
  'vllm:request_prompt_tokens': SIZES,
  'vllm:request_generation_tokens': SIZES,
  'vllm:request_params_max_tokens': SIZES,
  'vllm:iteration_tokens_total': SIZES,
}
const COUNTERS = [
  'vllm:prompt_tokens',
  'vllm:generation_tokens',
  'vllm:prompt_tokens_cached',
  'vllm:num_preemptions',
  'vllm:prefix_cache_queries',
  'vllm:prefix_cache_hits',
  'vllm:mm_cache_queries',
  'vllm:mm_cache_hits',
  'vllm:spec_decode_num_drafts',
  'vllm:spec_decode_num_draft_tokens',
  'vllm:spec_decode_num_accepted_tokens',
] as const
const FINISHES = ['stop', 'length', 'abort', 'error', 'repetition'] as const

export type Counter = (typeof COUNTERS)[number]
export type Histogram = keyof typeof HISTOGRAMS

/** What changes from moment to moment. */
export interface Gauges {
  running: number
  waiting: number
  /** 0 to 1. */
  kvCacheUsage: number
}

/** The numbers of one server, as Prometheus reads them from vLLM. */
export interface Metrics {
  add(counter: Counter, amount: number): void
  value(counter: Counter): number
  finished(reason: (typeof FINISHES)[number]): void
  observe(histogram: Histogram, value: number): void
  text(gauges: Gauges): string
}

/** Counts from zero under the labels of `modelName`; `kvTokens` is the size of the cache. */
export function createMetrics(modelName: string, kvTokens: number): Metrics {
  const labels = `engine="0",model_name="${modelName}"`
  const created = Date.now() / 1000
  const counters = new Map<string, number>(COUNTERS.map((name) => [name, 0]))
  const finishes = new Map<string, number>(FINISHES.map((reason) => [reason, 0]))
  const histograms = new Map(
    Object.entries(HISTOGRAMS).map(([name, bounds]) => [
      name,
      { bounds, counts: bounds.map(() => 0), sum: 0, count: 0 },
    ]),
  )

  function observe(name: Histogram, value: number) {
    const histogram = histograms.get(name)
    if (!histogram) return
    histogram.sum += value
    histogram.count++
    const bucket = histogram.bounds.findIndex((bound) => value <= bound)
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1
  }

  function counterLines() {
    const finished = [...finishes].map(
      ([reason, count]) => `vllm:request_success_total{${labels},finished_reason="${reason}"} ${decimal(count)}`,
    )
    return [
      ...[...counters].flatMap(([name, value]) => [
        ...head(`${name}_total`, 'counter'),
        `${name}_total{${labels}} ${decimal(value)}`,
        ...head(`${name}_created`, 'gauge'),
        `${name}_created{${labels}} ${created}`,
      ]),
      ...head('vllm:request_success_total', 'counter'),
      ...finished,
    ]
  }

  function histogramLines() {
    return [...histograms].flatMap(([name, { bounds, counts, sum, count }]) => {
      let below = 0
      const buckets = bounds.map((bound, index) => {
        below += counts[index] ?? 0
        return `${name}_bucket{${labels},le="${decimal(bound)}"} ${decimal(below)}`
      })
      return [
        ...head(name, 'histogram'),
        ...buckets,
        `${name}_bucket{${labels},le="+Inf"} ${decimal(count)}`,
        `${name}_count{${labels}} ${decimal(count)}`,
        `${name}_sum{${labels}} ${sum}`,
      ]
    })
  }

  function gaugeLines({ running, waiting, kvCacheUsage }: Gauges) {
    const rows: [string, string, number][] = [
      ['vllm:num_requests_running', '', running],
      ['vllm:num_requests_waiting', '', waiting],
      ['vllm:num_requests_waiting_by_reason', ',reason="capacity"', waiting],
      ['vllm:num_requests_waiting_by_reason', ',reason="deferred"', 0],
      ['vllm:kv_cache_usage_perc', '', kvCacheUsage],
      ['vllm:engine_sleep_state', ',sleep_state="awake"', 1],
      ['vllm:engine_sleep_state', ',sleep_state="weights_offloaded"', 0],
      ['vllm:engine_sleep_state', ',sleep_state="discard_all"', 0],
      ['vllm:cache_config_info', `,block_size="16",num_gpu_blocks="${Math.floor(kvTokens / 16)}"`, 1],
    ]
    return rows.flatMap(([name, more, value], index) => [
      ...(rows[index - 1]?.[0] === name ? [] : head(name, 'gauge')),
      `${name}{${labels}${more}} ${decimal(value)}`,
    ])
  }

  return {
    add: (name, amount) => counters.set(name, (counters.get(name) ?? 0) + amount),
    value: (name) => counters.get(name) ?? 0,
    finished: (reason) => finishes.set(reason, (finishes.get(reason) ?? 0) + 1),
    observe,
    text(gauges) {
      const process = [...head('process_start_time_seconds', 'gauge'), `process_start_time_seconds ${created}`]
      return `${[...gaugeLines(gauges), ...counterLines(), ...histogramLines(), ...process].join('\n')}\n`
    },
  }
}

function head(name: string, kind: string): string[] {
  return [`# HELP ${name} ${name.replace(/^vllm:/, '').replaceAll('_', ' ')}.`, `# TYPE ${name} ${kind}`]
}

/** Python writes 1.0 where JavaScript writes 1. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}
