import { expect, test } from 'bun:test'
import { parseArguments } from '../arguments/argv'
import { readLaunch } from '../arguments/launch'
import { planBudget } from './budget'
import type { Checkpoint } from './checkpoint'
import { createLog } from './log'
import { startup } from './startup'

const model: Checkpoint = {
  architecture: 'Qwen3_5MoeForConditionalGeneration',
  shards: [8e9, 8e9, 8e9],
  vision: true,
  maxPosition: 262_144,
  vocabulary: 248_320,
  layers: 40,
  kvValuesPerToken: 10_240,
  mtp: true,
}
const spoken = '--gpu-memory-utilization 0.4 --speculative-config {"method":"mtp","num_speculative_tokens":3}'.split(
  ' ',
)

function played(words: string[], speed = 1) {
  const launch = readLaunch(parseArguments(['serve', 'org/name', ...words]), {})
  const budget = planBudget(launch, model, 262_144)
  let text = ''
  const write = (part: string) => {
    text += part
  }
  const log = createLog({ out: write, error: write }, 7, () => new Date(2026, 7, 20, 10, 11, 12))
  const start = {
    launch,
    model,
    drafter: null,
    speed,
    warm: false,
    compileCache: '/c',
    maxModelLen: 262_144,
    budget: () => budget,
    available: () => 1e11,
  }
  const steps = [...startup(start)]
  for (const step of steps) step.print?.(log)
  return { text, steps, seconds: steps.reduce((sum, step) => sum + step.seconds, 0) }
}

test('startup() says every phase in the order in which vLLM does', () => {
  const { text } = played(spoken)
  const phases = [
    'vLLM API server version',
    'non-default args',
    'Resolved architecture: Qwen3_5MoeForConditionalGeneration',
    'Using max model len 262144',
    'world_size=1',
    'Starting to load model org/name...',
    'Filesystem type for checkpoints: EXT4. Checkpoint size: 22.35 GiB.',
    'Loading safetensors checkpoint shards:   0% Completed | 0/3',
    'Loading safetensors checkpoint shards:  66% Completed | 2/3 [00:06<00:03,  3.20s/it]',
    'Loading weights took 9.60 seconds',
    'Model loading took 22.35 GiB memory',
    'Loading drafter model...',
    'Using cache directory: /c',
    'Dynamo bytecode transform time: 3.00 s',
    'torch.compile took',
    'Initial profiling/warmup run took',
    'Available KV cache memory:',
    'GPU KV cache size:',
    'Maximum concurrency for 262,144 tokens per request:',
    'Autotuning process starts',
    'Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  54%|█████',
    'Capturing CUDA graphs (decode, FULL)',
    'Graph capturing finished in 3 secs, took 0.58 GiB',
    'init engine (profile, create kv cache, warmup model) took',
    "Supported tasks: ['generate']",
  ]
  const places = phases.map((phase) => text.indexOf(phase))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
})

test('a log line carries who speaks, the time and the place in the source', () => {
  expect(played(spoken).text).toContain(
    '(EngineCore pid=7) INFO 08-20 10:11:12 [gpu_model_runner.py:3808] Starting to load model org/name...\n',
  )
})

test('a 24 GB model takes about 45 seconds, and claims never go down', () => {
  const { seconds, steps } = played(spoken)
  expect(seconds).toBeGreaterThan(38)
  expect(seconds).toBeLessThan(52)
  const claims = steps.flatMap((step) => (step.claim === undefined ? [] : [step.claim]))
  expect(claims).toEqual(claims.toSorted((a, b) => a - b))
})

test('speed is told of in the log, and left to whoever plays the steps', () => {
  const fast = played(spoken, 10)
  expect(fast.seconds).toBe(played(spoken).seconds)
  expect(fast.text).toContain('Loading weights took 0.96 seconds')
})

test('an eager start neither compiles nor captures graphs', () => {
  const { text } = played([...spoken, '--enforce-eager'])
  expect(text).not.toContain('torch.compile')
  expect(text).not.toContain('CUDA graphs (')
})
