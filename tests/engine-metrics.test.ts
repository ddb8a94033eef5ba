import { expect, test } from 'bun:test'
import { engineMetrics } from '../core/cluster/engine-metrics'
import { createMetrics } from '../demo/programs/vllm/model/metrics'

test('engineMetrics() reads what vLLM says, histograms and _created aside', () => {
  const metrics = createMetrics('org/name', 1000)
  metrics.add('vllm:generation_tokens', 120)
  metrics.add('vllm:prompt_tokens', 30)
  metrics.finished('stop')
  metrics.observe('vllm:iteration_tokens_total', 500)
  expect(engineMetrics(metrics.text({ running: 3, waiting: 2, kvCacheUsage: 0.25 }))).toEqual({
    engine: 'vLLM',
    running: 3,
    waiting: 2,
    tokens: 120,
    moved: 152,
    cache: 0.25,
    activity: { running: 3, moved: 152 },
  })
})
