// A model server in a container of the lab: vLLM's paths and metric names, steered from outside by POST /steer.

export interface Steering {
  /** How long every path but /metrics and /steer takes to answer. */
  slowMs: number
  metricsMs: number
  running: number
  waiting: number
  /** Tokens a second while something runs; 0 is an engine that stands still. */
  tokensPerSecond: number
  status: number
}

const model = process.env.MODEL ?? 'lab/model'
let steering: Steering = { slowMs: 0, metricsMs: 0, running: 0, waiting: 0, tokensPerSecond: 100, status: 200 }
let tokens = 0
let counted = performance.now()

function count() {
  const now = performance.now()
  if (steering.running > 0) tokens += ((now - counted) * steering.tokensPerSecond) / 1000
  counted = now
}

/** Ends early when the steering changes: an engine that has caught up answers what waited. */
async function wait(ms: (now: Steering) => number) {
  const began = performance.now()
  while (performance.now() - began < ms(steering)) await Bun.sleep(Math.min(50, ms(steering)))
}

const server = Bun.serve({
  hostname: '0.0.0.0',
  port: Number(process.env.PORT ?? 8888),
  idleTimeout: 0,
  routes: {
    '/steer': {
      async POST(request) {
        count()
        steering = { ...steering, ...((await request.json()) as Partial<Steering>) }
        return Response.json(steering)
      },
    },
    '/metrics': async () => {
      count()
      await wait(({ metricsMs }) => metricsMs)
      return new Response(metrics())
    },
    '/v1/models': async () => {
      await wait(({ slowMs }) => slowMs)
      const data = [{ id: model, object: 'model', created: 1, owned_by: 'vllm', root: model, max_model_len: 2048 }]
      return Response.json({ object: 'list', data })
    },
  },
  async fetch() {
    await wait(({ slowMs }) => slowMs)
    return new Response('', { status: steering.status })
  },
})

function metrics(): string {
  const rows: [string, string, number][] = [
    ['gauge', 'num_requests_running', steering.running],
    ['gauge', 'num_requests_waiting', steering.waiting],
    ['gauge', 'kv_cache_usage_perc', steering.running > 0 ? 0.97 : 0],
    ['counter', 'generation_tokens_total', Math.floor(tokens)],
    ['counter', 'prompt_tokens_total', Math.floor(tokens / 2)],
    ['counter', 'iteration_tokens_total_count', Math.floor(tokens / 8)],
  ]
  return rows
    .map(([type, name, value]) => `# TYPE vllm:${name} ${type}\nvllm:${name}{model_name="${model}"} ${value}\n`)
    .join('')
}

// Pid 1 of a container has no default handlers: without one it would be killed only after docker's patience.
process.on('SIGTERM', () => process.exit(0))
console.log(`serves ${model} on port ${server.port}`)
