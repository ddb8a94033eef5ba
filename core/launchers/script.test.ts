import { expect, test } from 'bun:test'
import { sampleHost, sampleService } from '../config/declared.sample'
import { sampleRecipe } from '../models/recipe.sample'
import { endings, stateOf } from './endings'
import { script } from './script'

const head = sampleHost('spark-1')
const worker = sampleHost('spark-2')
const service = sampleService('llm', { hosts: [head, worker] })
const settings = {
  folder: '~/my-server',
  start: ['./start.sh', '--port', '{port}'],
  stop: ['./stop.sh'],
  status: ['./status.sh'],
  log: '~/my-server/server.log',
}
const recipe = sampleRecipe({ id: 'mine', runtime: 'script', script: settings, env: { A: 'b c' } })
const order = { recipe, service, utilization: null, memory: {}, weights: null }

test('the owner’s commands run in their folder with the service’s port, and the log is followed before the start', () => {
  expect(script.work(order)).toEqual({
    directory: '~/my-server',
    start: ['env', 'A=b c', './start.sh', '--port', '8888'],
    homes: 5,
    log: ['sh', '-c', 'exec tail -n 0 -F "$1" 2>/dev/null', 'spark-control-log', '~/my-server/server.log'],
    logFirst: true,
    alive: ['./status.sh'],
    verdict: [],
  })
  expect(script.work({ ...order, recipe: { ...recipe, script: { ...settings, log: null } } }).log).toEqual([])
})

test('it is ended and proved gone by its own commands, on the head alone', () => {
  expect(script.stop(order, head, true)).toEqual([['env', '-C', '~/my-server', './stop.sh']])
  const argv = ['env', '-C', '~/my-server', './status.sh']
  expect(script.proof(order, head, true)).toEqual({ argv, by: 'success' })
  expect([script.stop(order, worker, false), script.proof(order, worker, false)]).toEqual([[], null])
})

test('endings() always has the container, and on the head each script once', () => {
  const names = (host: typeof head) =>
    endings([recipe, null, recipe, sampleRecipe()], service, host).map((each) => each.name)
  expect(names(head)).toEqual(['container vllm_node', 'the server of mine'])
  expect(names(worker)).toEqual(['container vllm_node'])
  const [container, own] = endings([recipe], service, head)
  expect(container?.byHand).toBe('docker rm -f vllm_node')
  expect(own?.byHand).toBe("env -C '~/my-server' ./stop.sh")
})

test.each([
  ['output', 0, 'vllm_node\n', 'there'],
  ['output', 0, '\n', 'gone'],
  ['output', 1, '', 'unknown'],
  ['success', 0, '', 'there'],
  ['success', 1, 'stopped', 'gone'],
  ['success', 3, '', 'gone'],
  ['success', 125, '', 'mute'],
  ['success', 127, '', 'mute'],
  ['success', null, '', 'unknown'],
] as const)('by %s, exit code %p and %p say that it is %p … %s', (by, code, stdout, state) => {
  expect(stateOf({ argv: [], by }, { code, stdout })).toBe(state)
})

test('a recipe without commands is refused', () => {
  expect(script.refusal({ ...order, recipe: { ...recipe, script: null } })).toContain('name start, stop and status')
})
