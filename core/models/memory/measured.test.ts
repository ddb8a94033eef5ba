import { expect, test } from 'bun:test'
import { measured } from './measured'

const GiB = 2 ** 30

// Lines of github.com/eugr/spark-vllm-docker pull 200 and github.com/vllm-project/vllm issue 38820.
const log = `
(EngineCore pid=194) INFO 04-29 12:00:59 [gpu_model_runner.py:4879] Model loading took 12.66 GiB memory and 31.657031 seconds
(EngineCore pid=194) INFO 04-29 12:01:07 [gpu_worker.py:440] Available KV cache memory: 52.66 GiB
(EngineCore pid=194) INFO 04-29 12:01:07 [kv_cache_utils.py:1713] GPU KV cache size: 1,253,392 tokens
(EngineCore pid=194) INFO 04-29 12:01:07 [kv_cache_utils.py:1718] Maximum concurrency for 65,536 tokens per request: 19.13x
(EngineCore pid=194) INFO 04-29 12:01:40 [gpu_model_runner.py:5563] Graph capturing finished in 12 secs, took 0.75 GiB
`

test('measured() reads weights, overhead and cache, with graphs on top of the share', () => {
  const { weightsBytes, overheadBytes, kvBytesPerToken } = measured(log, 70 * GiB)
  expect(weightsBytes).toBe(12.66 * GiB)
  expect(overheadBytes).toBe(Math.round((70 - 12.66 - 52.66 + 0.75) * GiB))
  expect(kvBytesPerToken).toBeCloseTo((52.66 * GiB) / (65_536 * 19.13), 3)
})

test('measured() does not count graphs twice where the engine reckons them in', () => {
  const newer = `${log}INFO [gpu_model_runner.py:6042] Estimated CUDA graph memory: 0.80 GiB total\n`
  expect(measured(newer, 70 * GiB).overheadBytes).toBe(Math.round((70 - 12.66 - 52.66) * GiB))
})

test('measured() reads the newer line that has size and concurrency together, and the worker that took most', () => {
  const two = `(Worker_TP0 pid=1) Model loading took 60.2 GiB memory and 24.0 seconds
(Worker_TP1 pid=2) Model loading took 60.9 GiB memory and 24.0 seconds
(Worker_TP0 pid=1) Available KV cache memory: 28.9 GiB
(Worker_TP1 pid=2) Available KV cache memory: 28.74 GiB
(EngineCore pid=3) GPU KV cache size: 240,816 tokens, Maximum concurrency for 196,608 tokens per request: 1.22x`
  expect(measured(two, null)).toEqual({
    weightsBytes: 60.9 * GiB,
    overheadBytes: null,
    kvBytesPerToken: (28.74 * GiB) / (196_608 * 1.22),
  })
})

test('measured() takes the cache’s size alone where no concurrency is told', () => {
  expect(measured('Available KV cache memory: 1 GiB\nGPU KV cache size: 1,024 tokens', null).kvBytesPerToken).toBe(
    2 ** 20,
  )
})

test('measured() knows nothing of a log that tells nothing, or nonsense', () => {
  const nothing = { weightsBytes: null, overheadBytes: null, kvBytesPerToken: null }
  expect(measured('', 70 * GiB)).toEqual(nothing)
  expect(measured('Model loading took ... GiB\nAvailable KV cache memory: -0.1 GiB', 70 * GiB)).toEqual(nothing)
  expect(measured(log, GiB)).toEqual(nothing)
  expect(measured(log, null, GiB)).toEqual(nothing)
  expect(measured('Model loading took 999999999999 GiB memory', 50 * GiB)).toEqual(nothing)
  expect(measured('Available KV cache memory: 0.00 GiB\nModel loading took 10 GiB', 50 * GiB)).toEqual({
    ...nothing,
    weightsBytes: 10 * GiB,
  })
})
