import { expect, test } from 'bun:test'
import { sampleHost, sampleService } from '../config/declared.sample'
import { sampleRecipe } from '../models/recipe.sample'
import { launchCluster } from './launch-cluster'
import type { LaunchOrder } from './launcher'

const launcher = '~/spark-vllm-docker'
const head = sampleHost('spark-1', { launcher, fabric: '198.51.100.1' })
const worker = sampleHost('spark-2', { fabric: '198.51.100.2' })
const service = sampleService('llm', { hosts: [head, worker], container: 'vllm_node' })
const order = (fields: Partial<LaunchOrder> = {}): LaunchOrder => ({
  recipe: sampleRecipe(),
  service,
  utilization: null,
  memory: {},
  weights: null,
  ...fields,
})
const line = (fields: Partial<LaunchOrder> = {}, older = false) => launchCluster.work(order(fields), older).start

test('a recipe for one Spark is launched solo and detached, in the launcher’s folder', () => {
  expect(launchCluster.work(order())).toEqual({
    directory: launcher,
    start: './launch-cluster.sh --solo -t vllm-node --name vllm_node -d exec vllm serve org/model --port 8888'.split(
      ' ',
    ),
    homes: 0,
    log: ['docker', 'logs', '-f', 'vllm_node'],
    logFirst: false,
    alive: ['sh', '-c', 'docker top "$1" | grep -qFe "$2"', 'spark-control-alive', 'vllm_node', 'vllm serve'],
    verdict: [],
  })
})

test('a recipe for two names their fabric addresses, and the .env says them where one has none', () => {
  const recipe = sampleRecipe({ nodes: 2 })
  expect(line({ recipe }).slice(0, 4)).toEqual(['./launch-cluster.sh', '-n', '198.51.100.1,198.51.100.2', '-t'])
  const without = sampleService('llm', { hosts: [head, sampleHost('spark-2')] })
  expect(line({ recipe, service: without }).slice(0, 2)).toEqual(['./launch-cluster.sh', '-t'])
})

test('mods are applied, variables stand before the program, and the share of memory goes into the command', () => {
  const recipe = sampleRecipe({ mods: ['mods/a', 'mods/b'], env: { A: 'two words' } })
  expect(line({ recipe, utilization: 0.42 }).slice(6)).toEqual(
    ['--apply-mod', 'mods/a', '--apply-mod', 'mods/b', '-d', 'exec', 'env', 'A=two words'].concat(
      'vllm serve org/model --port 8888 --gpu-memory-utilization 0.42'.split(' '),
    ),
  )
})

test('weights in another cache are read through HF_HOME, or mounted where the cache has another name', () => {
  expect(line({ weights: { layout: 'hub', path: '/data/huggingface/hub' } }).slice(0, 3)).toEqual([
    'env',
    'HF_HOME=/data/huggingface',
    './launch-cluster.sh',
  ])
  const mounted = line({ weights: { layout: 'hub', path: '/data/models' } })
  expect(mounted.slice(6, 9)).toEqual(['-v', '/data/models:/root/.cache/huggingface/hub', '-d'])
})

test('a plain folder is mounted read-only, served by its path, and named as its repo', () => {
  const words = line({ weights: { layout: 'folder', path: '/home/spark/tunes/acme' } })
  expect(words.slice(6)).toEqual([
    ...['-v', '/home/spark/tunes/acme:/models/org/model:ro', '-d', 'exec'],
    ...'vllm serve /models/org/model --port 8888 --served-model-name org/model'.split(' '),
  ])
})

test('a folder that the launcher would break is refused', () => {
  const weights = { layout: 'folder' as const, path: '/home/spark/my tunes' }
  expect(launchCluster.refusal(order({ weights }))).toContain('cannot mount /home/spark/my tunes; move')
  expect(launchCluster.refusal(order())).toBeNull()
  const bare = sampleService('llm', { hosts: [sampleHost('spark-1')] })
  expect(launchCluster.refusal(order({ service: bare }))).toContain('spark-1: has no launcher')
})

test('an old launcher starts its cluster, and the engine goes beside it word for word', () => {
  const recipe = sampleRecipe({ nodes: 2, env: { A: 'b c' } })
  expect(line({ recipe }, true).slice(3)).toEqual([
    ...['spark-control-old-launch', 'vllm_node', 'vllm-node', '198.51.100.1,198.51.100.2', 'env', 'A=b c'],
    ...'vllm serve org/model --port 8888 --distributed-executor-backend ray'.split(' '),
  ])
})

test('every host is asked for docker and the same image, the head for a launcher that knows what is needed', () => {
  const weights = { layout: 'folder' as const, path: '/tunes/acme' }
  const recipe = sampleRecipe({ mods: ['mods/a'], nodes: 2 })
  const asked = launchCluster.requirements(order({ recipe, weights }), head, true)
  expect(asked.map(({ argv }) => argv.slice(0, 3).join(' '))).toEqual([
    'docker version --format',
    'docker image inspect',
    'test -x ~/spark-vllm-docker/launch-cluster.sh',
    'grep -qFe --apply-mod',
    'grep -qFe --volume',
  ])
  const [, image] = launchCluster.requirements(order({ recipe }), worker, false)
  expect(image?.differs).toBe(
    'image vllm-node on spark-2 is not the one on spark-1; copy it from there: ./build-and-copy.sh --no-build -t vllm-node --copy-to 198.51.100.2',
  )
})

test.each([
  ['env X=1 python3 -m vllm.entrypoints.openai.api_server --model org/model', 'python3 -m'],
  ['/usr/bin/vllm serve org/model', 'vllm serve'],
  ['env X=1 vllm serve org/model', 'vllm serve'],
])('the engine of %s is looked for as what docker top shows', (command, shown) => {
  expect(launchCluster.work(order({ recipe: sampleRecipe({ command }) })).alive.at(-1)).toBe(shown)
})
