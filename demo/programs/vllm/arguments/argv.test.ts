import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseArguments, UsageError } from './argv'
import { readLaunch } from './launch'

const values = (...words: string[]) => Object.fromEntries(parseArguments(['serve', 'org/name', ...words]).values)
const problem = (...words: string[]) => {
  try {
    parseArguments(words)
  } catch (error) {
    if (error instanceof UsageError) return error.message
  }
  return null
}

test('a flag is read with its value beside it, behind an equals sign, with underscores, or short', () => {
  expect(values('--port', '8001', '--max-model-len=32k', '--gpu_memory_utilization', '0.4', '-tp', '2')).toEqual({
    port: 8001,
    'max-model-len': 32_000,
    'gpu-memory-utilization': 0.4,
    'tensor-parallel-size': 2,
  })
})

test('switches have a twin that turns them off', () => {
  expect(values('--enable-prefix-caching', '--no-enable-chunked-prefill')).toEqual({
    'enable-prefix-caching': true,
    'enable-chunked-prefill': false,
  })
})

test('JSON flags take whole values and dotted keys', () => {
  expect(
    values(
      '--speculative-config',
      '{"method":"mtp"}',
      '--compilation-config.cudagraph_mode',
      'NONE',
      '--compilation-config.mode=3',
    ),
  ).toEqual({
    'speculative-config': { method: 'mtp' },
    'compilation-config': { cudagraph_mode: 'NONE', mode: 3 },
  })
})

test('the last of several values wins, a list takes all words up to the next flag', () => {
  expect(values('--port', '1', '--served-model-name', 'a', 'b', '--port', '2')).toEqual({
    'served-model-name': ['a', 'b'],
    port: 2,
  })
})

test('a leading env and its variables are taken off', () => {
  expect(parseArguments(['env', 'VLLM_API_KEY=a=b', 'X=', 'vllm', 'serve', 'org/name'])).toMatchObject({
    model: 'org/name',
    environment: { VLLM_API_KEY: 'a=b', X: '' },
  })
})

test('mistakes are refused in the words of argparse', () => {
  expect(problem('serve', 'm', '--prot', '1')).toEndWith('vllm: error: unrecognized arguments: --prot 1')
  expect(problem('serve', 'm', 'stray', '--port', '1')).toEndWith('vllm: error: unrecognized arguments: stray')
  expect(problem('serve', 'm', '--port', 'x')).toEndWith("vllm serve: error: argument --port: invalid int value: 'x'")
  expect(problem('serve', 'm', '--port')).toEndWith('vllm serve: error: argument --port: expected one argument')
  expect(problem('serve', 'm', '-tp', 'two')).toEndWith("argument --tensor-parallel-size/-tp: invalid int value: 'two'")
  expect(problem('serve', 'm', '--kv-cache-dtype', 'fp9')).toContain(
    "argument --kv-cache-dtype: invalid choice: 'fp9' (choose from 'auto'",
  )
  expect(problem('serve', 'm', '-sc', '{method:mtp}')).toContain(
    'argument --speculative-config/-sc: Value {method:mtp} cannot be converted to <function loads',
  )
  expect(problem('srve', 'm')).toContain("invalid choice: 'srve'")
})

test('any JSON object arrives as it was sent', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object)
      expect(values('--mm-processor-kwargs', text)['mm-processor-kwargs']).toEqual(JSON.parse(text))
      expect(values(`--mm-processor-kwargs=${text}`)['mm-processor-kwargs']).toEqual(JSON.parse(text))
    }),
  )
})

test('words never throw anything but a usage error', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom('--port', '-tp', '--api-key', '--hf-overrides', '--headless'))),
      (words) => {
        try {
          parseArguments(['serve', ...words])
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError)
        }
      },
    ),
  )
})

test('a launch has the defaults of vLLM, and takes its key from the environment', () => {
  const launch = readLaunch(parseArguments(['serve', 'org/name']), { VLLM_API_KEY: 'sesame' })
  expect(launch).toMatchObject({
    port: 8000,
    utilization: 0.92,
    servedNames: ['org/name'],
    apiKeys: ['sesame'],
    kvBytesPerValue: 2,
    maxModelLen: null,
  })
})
