import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { engineMetrics } from './engine-metrics'

test('engineMetrics() sums the engines of one server and tells its fullest cache', () => {
  const text = [0, 1].flatMap((engine) => [
    `vllm:num_requests_running{engine="${engine}",model_name="a}b"} ${engine + 1}.0`,
    `vllm:generation_tokens_total{engine="${engine}"} 1.5e+03`,
    `vllm:gpu_cache_usage_perc{engine="${engine}"} 0.${engine + 1}`,
  ])
  expect(engineMetrics(text.join('\n'))).toMatchObject({ running: 3, waiting: null, tokens: 3000, cache: 0.2 })
})

test('engineMetrics() reads SGLang under both spellings, and moves while one long answer is written', () => {
  const text = (used: number, mark = ':') => `# TYPE sglang${mark}num_running_reqs gauge
sglang${mark}num_running_reqs{model_name="m"} 1.0
sglang${mark}num_queue_reqs{model_name="m"} 4.0
sglang${mark}generation_tokens_total{model_name="m"} 10.0
sglang${mark}num_used_tokens{model_name="m"} ${used}
sglang${mark}token_usage{model_name="m"} 0.28
`
  const [before, after] = [engineMetrics(text(100)), engineMetrics(text(140, '_'))]
  expect(before).toMatchObject({ engine: 'SGLang', running: 1, waiting: 4, tokens: 10, cache: 0.28 })
  expect(after?.moved).not.toBe(before?.moved)
})

test('engineMetrics() reads llama.cpp, also where it quotes the text', () => {
  const text =
    'llamacpp:requests_processing 1\nllamacpp:requests_deferred 0\nllamacpp:tokens_predicted_total 7\nllamacpp:n_decode_total 5\n'
  const expected = { engine: 'llama.cpp' as const, running: 1, waiting: 0, tokens: 7, moved: 12, cache: null }
  expect(engineMetrics(text)).toMatchObject(expected)
  expect(engineMetrics(JSON.stringify(text))).toMatchObject(expected)
})

test('engineMetrics() knows no activity where nobody tells how many requests run', () => {
  expect(engineMetrics('trtllm_request_success_total{finished_reason="stop"} 3.0\n')).toMatchObject({
    engine: 'TensorRT-LLM',
    running: null,
    activity: null,
  })
})

test('engineMetrics() is null for any other text, and never throws', () => {
  expect(engineMetrics('{"iterations": []}')).toBeNull()
  expect(engineMetrics('# TYPE vllm:num_requests_running gauge\n')).toBeNull()
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => engineMetrics(text) === null))
})

test('engineMetrics() of four hostile megabytes is read at once, and no more of it than an engine has to say', () => {
  expect(engineMetrics('vllm:num_requests_running 1\n'.repeat(150_000))?.running).toBe(10_000)
})
