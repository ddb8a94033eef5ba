import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'

/** Recipes of the runtimes that are no launch-cluster.sh. */
export const inDocker = 'llama-in-docker'
export const byScript = 'llama-by-script'
/** One whose server does not end when it is told to. */
export const endless = 'llama-endless'
/** One that is started by what stays, and looked for by its name as people do. */
export const inFront = 'llama-in-front'

const shipped = join(import.meta.dir, '../recipes')
const model = 'nvidia/Llama-3.1-8B-Instruct-FP8'
const command = `vllm serve ${model} --port {port} --gpu-memory-utilization 0.3`
const mine = {
  folder: '~/my-server',
  start: ['./start.sh', model, '{port}', '--gpu-memory-utilization', '0.3'],
  stop: ['./stop.sh'],
  status: ['./status.sh'],
  log: '~/my-server/server.log',
}
const front = {
  start: ['sh', '-c', 'exec "$SPARK_SIM_CLUSTER/container-bin/vllm" serve "$@"', 'front', model, '--port', '{port}'],
  stop: ['pkill', '-f', 'vllm serve'],
  status: ['pgrep', '-f', 'vllm serve'],
}
const ofDocker = {
  entrypoint: 'keep',
  mounts: ['patches/llama.py:/patched/llama.py:ro'],
}

/** A folder with the shipped recipes, and with some of every other runtime; the caller removes it. */
export function runtimeRecipes(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'spark-runtimes-')), 'recipes')
  mkdirSync(folder)
  for (const name of readdirSync(shipped))
    if (name.endsWith('.yaml')) copyFileSync(join(shipped, name), join(folder, name))
  const write = (id: string, container: string, spark_control: object, more: object = {}) =>
    writeFileSync(
      join(folder, `${id}.yaml`),
      stringify({ recipe_version: '1', name: id, model, container, command, spark_control, ...more }),
    )
  write(inDocker, 'vllm/vllm-openai:gemma4-cu130', { runtime: 'docker', docker: ofDocker })
  write('llama-no-image', 'vllm/vllm-openai:nowhere', { runtime: 'docker' })
  write('llama-no-patch', 'vllm-node', { runtime: 'docker', docker: { mounts: ['~/no-such.py:/patched.py'] } })
  write('llama-no-mod', 'vllm-node', {}, { mods: ['~/no-such-mod.zip'] })
  write(byScript, 'none', { runtime: 'script', script: mine })
  write(inFront, 'none', { runtime: 'script', script: front })
  write(endless, 'none', { runtime: 'script', script: { ...mine, stop: ['true'] } })
  return folder
}

/** Puts what the recipes mount onto a host. */
export function writePatch(home: string) {
  mkdirSync(join(home, 'spark-vllm-docker/patches'), { recursive: true })
  writeFileSync(join(home, 'spark-vllm-docker/patches/llama.py'), '# patched\n')
}
