// Plays `vllm serve` in a container of the lab. LAB_LOAD_S is how long it loads, LAB_FAIL that it ends halfway through.

import { setTimeout as rest } from 'node:timers/promises'

const words = process.argv.slice(2)
const after = (flag: string) => words[words.indexOf(flag) + 1]
const model = words[1] ?? ''
const seconds = Number(process.env.LAB_LOAD_S ?? 1)
const steps = 20

// Pid 1 of a container has no default handlers, and what the launcher starts beside it ends with it.
process.on('SIGTERM', () => process.exit(0))
console.log(`INFO Starting to load model ${model}...`)
// A worker waits for the head and serves nothing.
if (words.includes('--headless')) await rest(2 ** 31 - 1)
for (let step = 1; step <= steps; step++) {
  await rest((seconds * 1000) / steps)
  console.log(
    `Loading safetensors checkpoint shards: ${Math.round((step * 100) / steps)}% Completed | ${step}/${steps}`,
  )
  if (process.env.LAB_FAIL && step === steps / 2) {
    console.log('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.')
    console.log('RuntimeError: Engine core initialization failed. See root cause above.')
    process.exit(1)
  }
}
Bun.serve({
  hostname: '0.0.0.0',
  port: Number(after('--port') ?? 8000),
  idleTimeout: 0,
  routes: {
    '/v1/models': () => Response.json({ object: 'list', data: [{ id: model, root: model, max_model_len: 2048 }] }),
    '/v1/completions': () =>
      Response.json({ id: 'lab', object: 'text_completion', choices: [{ index: 0, text: ' there' }] }),
    '/metrics': () => new Response('# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 0\n'),
    '/health': () => new Response(''),
  },
})
console.log('INFO Application startup complete.')
