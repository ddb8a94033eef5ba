import { expect, test } from 'bun:test'
import { loadFailure } from './load-failure'

test.each([
  [
    'ValueError: Free memory on device cuda:0 (36.75/121.63 GiB) on startup is less than desired GPU memory utilization (0.85, 103.38 GiB)',
    'memory_not_free',
    '103.38 GiB wanted, 36.75 of 121.63 GiB free',
  ],
  [
    "To serve at least one request with the model's max seq len (196608), (23.25 GiB KV cache is needed\nestimated maximum model length is 190272",
    'context_too_long',
    '196608 tokens does not fit the memory (estimated maximum: 190272)',
  ],
  [
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate\nRuntimeError: Engine core initialization failed.',
    'out_of_memory',
    'ran out of memory',
  ],
  ['OSError: [Errno 98] Address already in use', 'port_in_use', 'port is used'],
  ['Error: Docker image mismatch on worker node 192.168.177.12', 'image_mismatch', 'different images'],
  ["Error: Could not inspect image 'x' on head node (192.168.177.11).", 'image_missing', 'not on that Spark'],
  ['Error: Passwordless SSH to 192.168.177.12 failed.', 'worker_ssh', '192.168.177.12'],
  [
    'Error: Command requires 4 nodes (tp=4) but only 2 node(s) are configured.',
    'too_few_nodes',
    'wants 4 Sparks, 2 are configured',
  ],
  ['vllm: error: unrecognized arguments: --no-such-flag', 'bad_argument', '--no-such-flag'],
  [
    'vllm serve: error: argument --speculative-config/-sc: Value {a cannot be converted',
    'bad_argument',
    '--speculative-config',
  ],
  ['huggingface_hub.errors.GatedRepoError: 403', 'gated_repo', 'licence'],
  ['RuntimeError: Engine core initialization failed. See root cause above.', 'engine_failed', 'engine failed'],
  ['No space left on device', 'disk_full', 'full'],
  [
    'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].',
    'docker_failed',
    'could not select device driver',
  ],
  ['docker: Error response from daemon: pull access denied for vllm-node', 'image_missing', 'not on that Spark'],
  ['the container ended with code 1 (OOMKilled=true)', 'out_of_memory', 'was killed'],
  ['the container ended with code 137 (OOMKilled=false)', 'out_of_memory', 'was killed'],
  ['the container ended with code 132 (OOMKilled=false)', 'load_failed', 'ended with code 132'],
])('loadFailure() names the cause of: %s', (log, code, words) => {
  const failure = loadFailure(`INFO something before\n${log}\nINFO something after`, 1)
  expect(failure.code).toBe(code)
  expect(failure.message).toContain(words)
  expect(failure.remedy).not.toBe('')
})

test('loadFailure() tells what it knows when nothing is known', () => {
  expect(loadFailure('', 2).message).toContain('code 2')
  expect(loadFailure('', null).code).toBe('load_failed')
})
