import { expect, test } from 'bun:test'
import { sampleHost, sampleService } from '../config/declared.sample'
import { usualDocker } from '../models/own-block'
import type { DockerSettings, Recipe } from '../models/recipe'
import { sampleRecipe } from '../models/recipe.sample'
import { docker } from './docker'
import type { LaunchOrder } from './launcher'

const head = sampleHost('spark-1', { launcher: '~/spark-vllm-docker' })
const service = sampleService('llm', { hosts: [head], container: 'vllm_node' })

function order(settings: Partial<DockerSettings> = {}, more: Partial<Recipe> = {}): LaunchOrder {
  const recipe = sampleRecipe({ runtime: 'docker', docker: { ...usualDocker, ...settings }, ...more })
  return { recipe, service, utilization: null, memory: {}, weights: null }
}

test('an image is run as a container that stays, with the cache that the login sees', () => {
  expect(docker.work(order())).toEqual({
    directory: null,
    start: [
      ...'docker run -d --name vllm_node --gpus all --network host --ipc host --entrypoint='.split(' '),
      ...'-v ~/.cache/huggingface:/root/.cache/huggingface vllm-node vllm serve org/model --port 8888'.split(' '),
    ],
    homes: 14,
    log: ['docker', 'logs', '-f', 'vllm_node'],
    logFirst: false,
    alive: [
      ...['sh', '-c', '[ "$(docker container inspect --format "{{.State.Running}}" "$1")" = true ]'],
      ...['spark-control-alive', 'vllm_node'],
    ],
    verdict: [
      ...['docker', 'container', 'inspect', '--format'],
      ...['the container ended with code {{.State.ExitCode}} (OOMKilled={{.State.OOMKilled}})', 'vllm_node'],
    ],
  })
})

test('Gemma’s image keeps its entrypoint, and a patched file of the launcher’s folder is mounted over its own', () => {
  const patched = 'patches/gemma4.py:/usr/local/lib/python3.12/site-packages/vllm/model_executor/models/gemma4.py:ro'
  const { start, homes } = docker.work(
    order(
      { entrypoint: 'keep', mounts: [patched], shm: '16g' },
      {
        repo: 'nvidia/Gemma-4-26B-A4B-NVFP4',
        container: 'vllm/vllm-openai:gemma4-cu130',
        command: 'vllm serve nvidia/Gemma-4-26B-A4B-NVFP4 --port {port} --max-model-len 262144',
        env: { VLLM_USE_FLASHINFER_MOE_FP4: '0', NOTE: 'two words' },
      },
    ),
  )
  expect(start).toEqual([
    ...'docker run -d --name vllm_node --gpus all --network host --shm-size 16g'.split(' '),
    ...['-v', '~/.cache/huggingface:/root/.cache/huggingface', '-v', `~/spark-vllm-docker/${patched}`],
    ...['-e', 'VLLM_USE_FLASHINFER_MOE_FP4=0', '-e', 'NOTE=two words', 'vllm/vllm-openai:gemma4-cu130'],
    ...'nvidia/Gemma-4-26B-A4B-NVFP4 --port 8888 --max-model-len 262144'.split(' '),
  ])
  expect(start[homes]).toBe('vllm/vllm-openai:gemma4-cu130')
})

test.each([
  ['"/opt/nvidia/nvidia_entrypoint.sh"', 'vllm serve org/model --port 8888'],
  ['"vllm","serve"', 'org/model --port 8888'],
  ['"/usr/bin/tini","--","/usr/bin/vllm"', 'serve org/model --port 8888'],
  ['', 'vllm serve org/model --port 8888'],
])('of an image whose own entrypoint is [%s], the command keeps what that is not', (said, command) => {
  const kept = order({ entrypoint: 'keep' }, { container: 'nvcr.io/nvidia/vllm:25.11-py3' })
  const question = 'docker image inspect --format {{json .Config.Entrypoint}} nvcr.io/nvidia/vllm:25.11-py3'
  expect(docker.question(kept)?.join(' ')).toBe(question)
  const { start, homes } = docker.work(kept, said && `[${said}]\n`)
  expect(start.slice(homes + 1).join(' ')).toBe(command)
})

test('an image that was not asked yet is thought to have an entrypoint only where vLLM’s own has', () => {
  const words = (container: string) => docker.work(order({ entrypoint: 'keep' }, { container })).start.join(' ')
  expect(words('vllm/vllm-openai@sha256:ab')).toEndWith('@sha256:ab org/model --port 8888')
  expect(words('nvcr.io/nvidia/vllm:25.11-py3')).toEndWith('25.11-py3 vllm serve org/model --port 8888')
  expect(docker.question(order())).toBeNull()
})

test('an entrypoint of its own takes the words of the command that it is not itself', () => {
  const words = docker.work(order({ entrypoint: '/usr/bin/vllm' })).start
  expect(words).toContain('--entrypoint=/usr/bin/vllm')
  expect(words.slice(words.indexOf('vllm-node') + 1)).toEqual('serve org/model --port 8888'.split(' '))
})

test('a network that is not the host’s publishes the port, and rights and user are as the recipe says', () => {
  const words = docker.work(order({ network: 'models', privileged: true, user: '1000:1000', gpus: 'device=0' })).start
  expect(words.join(' ')).toContain(
    '--gpus device=0 --network models -p 8888:8888 --ipc host --privileged --user 1000:1000 --entrypoint=',
  )
})

test.each([
  [{ layout: 'hub', path: '/data/huggingface/hub' }, ['/data/huggingface:/root/.cache/huggingface']],
  [{ layout: 'hub', path: '/data/models' }, ['/data/models:/root/.cache/huggingface/hub']],
  [
    { layout: 'folder', path: '/tunes/my acme' },
    ['~/.cache/huggingface:/root/.cache/huggingface', '/tunes/my acme:/models/org/model:ro'],
  ],
] as const)('weights in %o are mounted where the image looks for them', (weights, mounts) => {
  const { start } = docker.work({ ...order(), weights })
  expect(start.filter((_, index) => start[index - 1] === '-v')).toEqual([...mounts])
})

test('a mount of the recipe over the cache replaces the usual one', () => {
  const { start } = docker.work(order({ mounts: ['/own:/root/.cache/huggingface'] }))
  expect(start.filter((_, index) => start[index - 1] === '-v')).toEqual(['/own:/root/.cache/huggingface'])
})

test('a missing image or mounted file is told with what to do', () => {
  const asked = docker.requirements(order({ mounts: ['~/a.py:/a.py:ro'] }), head, true)
  expect(asked.map(({ argv }) => argv.at(-1))).toEqual(['{{.Server.Version}}', 'vllm-node', '~/a.py'])
  expect(asked[1]?.problem).toContain('docker pull vllm-node')
  expect(asked[2]?.problem).toBe('~/a.py is not on spark-1, and sample mounts it; put it there')
})

test.each([
  ['more than one Spark', order({}, { nodes: 2 }), 'use the runtime launch-cluster'],
  ['mods', order({}, { mods: ['mods/a'] }), 'mount the patched files'],
  [
    'a mount of a launcher’s folder that is not declared',
    { ...order({ mounts: ['a.py:/a.py'] }), service: sampleService('llm') },
    'begin the mount with ~/',
  ],
])('%s is refused', (_, wanted, words) => {
  expect(docker.refusal(wanted)).toContain(words)
  expect(docker.refusal(order())).toBeNull()
})
