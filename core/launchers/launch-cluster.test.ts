import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleHost, sampleService } from '../config/declared.sample'
import { sampleRecipe } from '../models/recipe.sample'
import { launchCluster } from './launch-cluster'
import type { LaunchOrder } from './launcher'
import { modThere } from './requirements'

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
const line = (fields: Partial<LaunchOrder> = {}, said?: string) => launchCluster.work(order(fields), said).start

test('a recipe for one Spark is launched solo and detached, in the launcher’s folder', () => {
  expect(launchCluster.work(order())).toEqual({
    directory: launcher,
    start: './launch-cluster.sh --solo -t vllm-node --name vllm_node -d exec vllm serve org/model --port 8888'.split(
      ' ',
    ),
    homes: 8,
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

test('the Sparks of a launch meet on the port that the service names, and a launcher that can’t is told before', () => {
  const named = sampleService('llm', { hosts: [head, worker], container: 'second', options: { master_port: 29502 } })
  const recipe = sampleRecipe({ nodes: 2 })
  const words = './launch-cluster.sh -n 198.51.100.1,198.51.100.2 -t vllm-node --name second --master-port 29502 -d'
  expect(line({ recipe, service: named }).join(' ')).toStartWith(words)
  const asked = launchCluster.requirements(order({ recipe, service: named }), head, true)
  expect(asked.map(({ argv }) => argv.join(' '))).toContain(`grep -qFe --master-port ${launcher}/launch-cluster.sh`)
  expect(line({ service: named })).not.toContain('--master-port')
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

test('the head is asked whether its launcher knows --solo and keeps the words of a command apart', () => {
  expect(launchCluster.question(order())?.join(' ')).toBe(`grep -oFe --solo -e %q ${launcher}/launch-cluster.sh`)
})

test.each([
  ['of January 2026', '', ['-n', '198.51.100.1']],
  ['of February 2026', '--solo\n--solo\n', ['--solo']],
])('a launcher %s starts its cluster with its mods, and the engine goes beside it', async (_, said, nodes) => {
  const recipe = sampleRecipe({ mods: ['mods/a', '~/b.zip'] })
  const { start, homes } = launchCluster.work(order({ recipe }), said)
  const options = [
    ...nodes,
    '-t',
    'vllm-node',
    '--name',
    'vllm_node',
    '--apply-mod',
    'mods/a',
    '--apply-mod',
    '~/b.zip',
  ]
  expect(start.slice(5, 7 + options.length)).toEqual(['./launch-cluster.sh', ...options, '-d'])
  expect(start.slice(homes)).toEqual('vllm serve org/model --port 8888'.split(' '))
})

test('beside an old launcher the engine arrives word for word, and sees what the container’s .bashrc says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-launcher-'))
  const log = join(folder, 'log')
  const program = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  program('launch-cluster.sh', `printf '%s ' "$@" >'${folder}/options'`)
  // What stands in for docker runs the command here, with its output in a file instead of the container's.
  program('docker', `shift 3; shell="$1 $2 $3" inside=$4; shift 4\nexec $shell "\${inside%%>>*}>>'${log}' 2>&1" "$@"`)
  program('engine', 'printf "%s\\n" "$NCCL_SOCKET_IFNAME" "$A" "$@"')
  writeFileSync(
    join(folder, '.bashrc'),
    'case $- in *i*) ;; *) return ;; esac\nexport NCCL_SOCKET_IFNAME=enp1s0f1np1\n',
  )
  const words = ['--json', '{"a": "b  c"}', '$HOME', "it's"]
  const command = `engine ${words.map((word) => `"${word.replaceAll('"', '\\"')}"`).join(' ')}`
  const recipe = sampleRecipe({
    nodes: 2,
    env: { A: 'b c' },
    command: command.replaceAll('{', '{{').replaceAll('}', '}}'),
  })
  try {
    const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder }
    await Bun.spawn(line({ recipe }, ''), { cwd: folder, env, stdio: ['ignore', 'ignore', 'ignore'] }).exited
    expect(readFileSync(join(folder, 'options'), 'utf8')).toStartWith('-n 198.51.100.1,198.51.100.2 -t vllm-node')
    const expected = ['enp1s0f1np1', 'b c', ...words, '--port', '8888', '--distributed-executor-backend', 'ray']
    const lines = readFileSync(log, 'utf8').split('\n')
    expect(lines.slice(-expected.length - 1, -1)).toEqual(expected)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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
    `sh -c ${modThere('', '', recipe).argv[2]}`,
  ])
  expect(asked.at(-1)?.argv.at(-1)).toBe('~/spark-vllm-docker/mods/a')
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
