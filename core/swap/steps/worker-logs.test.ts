import { expect, test } from 'bun:test'
import { NotConnectedError } from '../../cluster/remote-commands'
import { sampleHost, sampleService } from '../../config/declared.sample'
import type { LaunchOrder } from '../../launchers/launcher'
import { sampleRecipe } from '../../models/recipe.sample'
import type { SwapHost } from './step'
import { workerFailure } from './worker-logs'

const sparks = ['spark-1', 'spark-2', 'spark-3', 'spark-4'].map((id) => sampleHost(id))
const order: LaunchOrder = {
  recipe: sampleRecipe({ nodes: 3 }),
  service: sampleService('llm', { hosts: sparks, container: 'models' }),
  utilization: null,
  memory: {},
  weights: null,
}
const signal = new AbortController().signal
const asked: string[][] = []

/** Sparks that say this of their container's log; null: out of reach, an error: the link breaks meanwhile. */
function sparksThatSay(said: Record<string, string | null | Error>): Map<string, SwapHost> {
  asked.length = 0
  const of = (id: string): SwapHost => ({
    host: sampleHost(id),
    address: '127.0.0.1',
    link: { state: said[id] === null ? 'unreachable' : 'up', code: 'connected', since: 0, cause: null, remedy: null },
    run: async (argv) => {
      asked.push([id, ...argv])
      const text = said[id] ?? ''
      if (text instanceof Error) throw text
      return { code: 0, signal: null, stdout: text, stdoutBytes: text.length, stderr: '' }
    },
  })
  return new Map(sparks.map(({ id }) => [id, of(id)]))
}

test('workerFailure() reads the cause from the log of the worker that knows it, and of launched workers alone', async () => {
  const oom = 'INFO starting\n\x1b[31mtorch.OutOfMemoryError: CUDA out of memory\x1b[0m\n'
  const found = await workerFailure(order, sparksThatSay({ 'spark-2': 'INFO waiting\n', 'spark-3': oom }), signal)
  expect(found).toEqual({
    host: 'spark-3',
    error: expect.objectContaining({
      code: 'out_of_memory',
      message: 'spark-3: the GPU ran out of memory while loading',
    }),
    lines: ['INFO starting', 'torch.OutOfMemoryError: CUDA out of memory'],
  })
  expect(asked.map(([id, ...argv]) => [id, argv.at(-1)])).toEqual([
    ['spark-2', 'models'],
    ['spark-3', 'models'],
  ])
})

test('a worker that is out of reach, or has lost its container, is the cause before what others complain of', async () => {
  const complains = 'No available shared memory broadcast block found in 60 seconds'
  const far = await workerFailure(order, sparksThatSay({ 'spark-2': complains, 'spark-3': null }), signal)
  expect(far).toMatchObject({
    host: 'spark-3',
    error: { code: 'worker_lost', message: 'spark-3 was lost while loading: it cannot be reached' },
  })
  const empty = 'Error response from daemon: No such container: models'
  expect(await workerFailure(order, sparksThatSay({ 'spark-2': empty, 'spark-3': 'fine' }), signal)).toMatchObject({
    host: 'spark-2',
    error: { message: 'spark-2 was lost while loading: it has no container models any more' },
  })
})

test('workerFailure() says nothing where no worker tells a cause, nor of a launch on one Spark', async () => {
  const broken = sparksThatSay({ 'spark-2': 'INFO waiting', 'spark-3': new NotConnectedError('gone; wait') })
  expect(await workerFailure(order, broken, signal)).toBeNull()
  expect(await workerFailure({ ...order, recipe: sampleRecipe() }, broken, signal)).toBeNull()
})
