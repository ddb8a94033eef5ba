import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { cleanLines, loadPoint } from './load-log'

// Lines as vLLM prints them on a GB10, in order (spark-runtimes §4.9).
const log = [
  '(APIServer pid=1) INFO 08-20 10:11:12 [api_server.py:1479] vLLM API server version 0.27.1',
  '(APIServer pid=1) INFO 08-20 10:11:14 [model.py:1510] Resolved architecture: Qwen3_5MoeForConditionalGeneration',
  '(EngineCore pid=2) INFO 08-20 10:11:20 [parallel_state.py:1200] world_size=2 rank=0',
  '(EngineCore pid=2) INFO 08-20 10:11:21 [gpu_model_runner.py:3338] Starting to load model nvidia/X...',
  'Loading safetensors checkpoint shards:  56% Completed | 5/9 [00:13<00:11,  2.87s/it]',
  'Loading safetensors using Fastsafetensor loader:  95% Completed | 40/42 [00:11<00:01]',
  '(EngineCore pid=2) INFO Loading weights took 24.84 seconds',
  '(EngineCore pid=2) INFO Dynamo bytecode transform time: 3.54 s',
  '(EngineCore pid=2) INFO GPU KV cache size: 1,253,392 tokens',
  '(EngineCore pid=2) INFO [Autotuner]: Autotuning process starts',
  'Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  50%|█████     | 10/20',
  '(EngineCore pid=2) INFO Graph capturing finished in 5 secs, took 0.5 GiB',
  '(EngineCore pid=2) INFO init engine (profile, create kv cache, warmup model) took 40 seconds',
  '(APIServer pid=1) INFO:     Application startup complete.',
]

test('loadPoint() knows every phase of the log and never goes back in it', () => {
  const points = log.map((line) => loadPoint(line)?.progress)
  expect(points.every((point) => point !== undefined)).toBe(true)
  expect(points).toEqual([...points].sort((a, b) => (a ?? 0) - (b ?? 0)))
  expect(points.at(-1)).toBe(1)
})

test('loadPoint() says nothing of a line it does not know', () => {
  expect(loadPoint('Avg prompt throughput: 12.3 tokens/s')).toBeNull()
})

test('cleanLines() shows a redrawn bar as it last was, without colours', () => {
  expect(cleanLines('a\r\n\x1b[32mshards:  5%\rshards: 50%\x1b[0m\nnext')).toEqual(['a', 'shards: 50%', 'next'])
})

test('cleanLines() leaves nothing that a terminal or a page could take for more than text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const line of cleanLines(text))
        expect(line).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})
