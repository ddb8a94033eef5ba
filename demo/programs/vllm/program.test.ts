import { afterAll, expect, test } from 'bun:test'
import { symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { sparkFixture } from '../spark-fixture'

const LLAMA = 'nvidia/Llama-3.1-8B-Instruct-FP8'
const QWEN = 'nvidia/Qwen3.6-35B-A3B-NVFP4'
const GIB = 2 ** 30
const spark = sparkFixture({ models: [LLAMA, QWEN, 'Intel/Qwen3.5-122B-A10B-int4-AutoRound'] })
afterAll(spark.end)

const recipeFault = (kind: string | null) =>
  spark.setFault(`faults/models/${LLAMA.replace('/', '--')}.json`, kind === null ? null : { kind })

test('vllm serve refuses connections until it is ready, then answers with its model', async () => {
  const server = await spark.vllm([LLAMA, '--gpu-memory-utilization', '0.3', '--max-model-len', '8k'], { speed: 40 })
  await server.until('Starting to load model')
  await expect(fetch(`${server.url}/health`)).rejects.toThrow()
  await server.until('Application startup complete.')
  const { data } = (await (await fetch(`${server.url}/v1/models`)).json()) as {
    data: { id: string; root: string; max_model_len: number }[]
  }
  expect(data).toMatchObject([{ id: LLAMA, root: LLAMA, max_model_len: 8000, owned_by: 'vllm', parent: null }])
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  server.kill()
  expect(await server.exited).toBe(0)
})

test('a server claims the weights as they come, then its whole share of the memory, and its claim outlives it', async () => {
  const server = await spark.vllm([LLAMA, '--gpu-memory-utilization', '0.3'])
  await server.until('Application startup complete.')
  expect(spark.claim(server) / GIB).toBeCloseTo(0.3 * 121.69, 1)
  server.kill('SIGKILL')
  await server.exited
  expect(spark.claim(server) / GIB).toBeCloseTo(0.3 * 121.69, 1)
})

test('a start with too little free memory ends with the words of vLLM and exit code 1', async () => {
  spark.setAvailable(36.75)
  const server = await spark.vllm([LLAMA, '--gpu-memory-utilization', '0.85'])
  expect(await server.exited).toBe(1)
  expect(server.log()).toContain(
    'ValueError: Free memory on device cuda:0 (36.75/121.69 GiB) on startup is less than desired GPU memory utilization (0.85, 103.44 GiB)',
  )
  expect(server.log()).toContain('RuntimeError: Engine core initialization failed. See root cause above.')
  spark.setAvailable(115)
})

test('a context that the KV cache cannot hold is refused with an estimate of what would fit', async () => {
  const server = await spark.vllm([LLAMA, '--gpu-memory-utilization', '0.12', '--max-model-len', '131072'])
  expect(await server.exited).toBe(1)
  expect(server.log()).toMatch(
    /To serve at least one request with the model's max seq len \(131072\), \(16 GiB KV cache is needed.*estimated maximum model length is \d+/,
  )
})

test('broken quoting of a JSON flag ends with exit code 2 and shows the text that arrived', async () => {
  const server = await spark.vllm([QWEN, '--mm-processor-kwargs', '{max_pixels: 2000000}'])
  expect(await server.exited).toBe(2)
  expect(server.log()).toContain(
    'error: argument --mm-processor-kwargs: Value {max_pixels: 2000000} cannot be converted',
  )
})

test('a model that is not in the cache ends like a hub that cannot be reached', async () => {
  const server = await spark.vllm(['openai/gpt-oss-20b'])
  expect(await server.exited).toBe(1)
  expect(server.log()).toContain("OSError: We couldn't connect to 'https://huggingface.co' to load the files")
})

test('a model whose download was cut off is refused', async () => {
  const server = await spark.vllm(['Intel/Qwen3.5-122B-A10B-int4-AutoRound'])
  expect(await server.exited).toBe(1)
  expect(server.log()).toContain('LocalEntryNotFoundError')
})

test('HF_HOME decides where models are looked for', async () => {
  const elsewhere = join(spark.directory, 'elsewhere')
  const server = await spark.vllm([LLAMA], { environment: { HF_HOME: elsewhere } })
  expect(await server.exited).toBe(1)
  symlinkSync(join(spark.directory, 'home/.cache/huggingface'), elsewhere)
  const again = await spark.vllm([LLAMA], { environment: { HF_HOME: elsewhere } })
  await again.until('Application startup complete.')
  again.kill()
  unlinkSync(elsewhere)
})

test('a second server on the same port is refused while the first one still loads', async () => {
  const first = await spark.vllm([LLAMA], { speed: 8 })
  await first.until('vLLM API server version')
  const second = await spark.vllm([LLAMA], { port: Number(new URL(first.url).port) })
  expect(await second.exited).toBe(1)
  expect(second.log()).toContain('[Errno 98] Address already in use')
  first.kill()
})

test('a warm start takes its compiled graphs from the cache', async () => {
  const words = [LLAMA, '--max-num-batched-tokens', '4096']
  const cold = await spark.vllm(words)
  await cold.until('Application startup complete.')
  expect(cold.log()).toContain('Compiling a graph for')
  cold.kill()
  await cold.exited
  const warm = await spark.vllm(words)
  await warm.until('Application startup complete.')
  expect(warm.log()).toContain('Directly load the compiled graph(s)')
  warm.kill()
})

test('fail-at-start ends the server before it loads anything', async () => {
  recipeFault('fail-at-start')
  const server = await spark.vllm([LLAMA], { speed: 1 })
  expect(await server.exited).toBe(1)
  expect(server.log()).toContain("Value error, Model architectures ['LlamaForCausalLM'] are not supported for now.")
  recipeFault(null)
})

test('fail-at-load runs out of memory at half of the weights', async () => {
  recipeFault('fail-at-load')
  const server = await spark.vllm([LLAMA])
  expect(await server.exited).toBe(1)
  expect(server.log()).toContain('50% Completed | 1/2')
  expect(server.log()).not.toContain('100% Completed')
  expect(server.log()).toContain('torch.OutOfMemoryError: CUDA out of memory.')
  expect(server.log()).toContain('Engine core initialization failed')
  recipeFault(null)
})

test('stall-at-load goes silent with a part of the weights loaded, and lives on', async () => {
  recipeFault('stall-at-load')
  const server = await spark.vllm([LLAMA])
  await server.until('   0% Completed')
  const silent = server.log()
  await Bun.sleep(300)
  expect(server.log()).toBe(silent)
  expect(spark.claim(server) / GIB).toBeGreaterThan(0.4 * 8.46)
  expect(spark.claim(server) / GIB).toBeLessThan(8.46)
  expect(process.kill(server.pid, 0)).toBe(true)
  server.kill('SIGKILL')
  recipeFault(null)
})

test('wrong-model serves another id than the one that was asked for', async () => {
  recipeFault('wrong-model')
  const server = await spark.vllm([LLAMA])
  await server.until('Application startup complete.')
  const { data } = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: { id: string; root: string }[] }
  expect(data[0]?.id).not.toBe(LLAMA)
  expect(data[0]?.root).not.toBe(LLAMA)
  server.kill()
  recipeFault(null)
})
