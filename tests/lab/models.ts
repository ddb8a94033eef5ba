import { appendFileSync, chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeModel } from '../../demo/models/cache'
import { command } from './command'
import type { LabHost } from './host'
import { imageRoot } from './image'
import type { Lab } from './lab'

/** Recipes of the lab: how long each loads, on how many hosts, and whether it ends halfway. */
const recipes = {
  quick: { seconds: 1, nodes: 1, fails: false },
  other: { seconds: 1, nodes: 1, fails: false },
  slow: { seconds: 8, nodes: 1, fails: false },
  failing: { seconds: 2, nodes: 1, fails: true },
  wide: { seconds: 600, nodes: 2, fails: false },
}
export type LabRecipe = keyof typeof recipes

/** What models are swapped into, beside the containers that every lab has. */
export const slot = { service: 'main', container: 'vllm_main', port: 8890 }

const launcher = join(import.meta.dir, '../../demo/programs/launcher/launch-cluster.sh')
const own = { uid: 4242, gid: 4242 }

/** Gives the hosts of a lab what a swap needs: image, models, a launcher that reaches the others. @returns a configuration of it */
export async function labModels(lab: Lab): Promise<string> {
  const { hosts, configPath } = lab
  const folder = dirname(configPath)
  const tar = await imageRoot(folder, 'vllm-node')
  await hosts[0]?.docker.importImage(tar, 'vllm-node')
  // An image that is imported twice has two ids, and the launcher wants the same one everywhere.
  for (const host of hosts.slice(1)) await hosts[0]?.docker.copyImage('vllm-node', host.docker)
  const homes = hosts.map(({ id }) => join(folder, id, 'home/spark'))
  for (const [index, home] of homes.entries()) await furnish(home, hosts, index)
  const [head = ''] = homes
  await command(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(head, '.ssh/id_ed25519')])
  const key = readFileSync(join(head, '.ssh/id_ed25519.pub'))
  for (const home of homes) {
    appendFileSync(join(home, '.ssh/authorized_keys'), key)
    writeFileSync(join(home, '.ssh/config'), 'StrictHostKeyChecking accept-new\n', { mode: 0o600 })
    await command(['chown', '-R', `${own.uid}:${own.gid}`, home])
  }
  const path = join(folder, 'models/spark.config.yaml')
  mkdirSync(join(dirname(path), 'recipes'), { recursive: true })
  for (const name of Object.keys(recipes) as LabRecipe[])
    writeFileSync(join(dirname(path), 'recipes', `${name}.yaml`), recipe(name))
  writeFileSync(path, configuration(hosts, join(folder, 'key')))
  return path
}

async function furnish(home: string, hosts: LabHost[], index: number) {
  const folder = join(home, 'spark-vllm-docker')
  mkdirSync(folder, { recursive: true })
  cpSync(launcher, join(folder, 'launch-cluster.sh'))
  chmodSync(join(folder, 'launch-cluster.sh'), 0o755)
  const nodes = hosts.map(({ address }) => address).join(',')
  const lines = [`CLUSTER_NODES=${nodes}`, `LOCAL_IP=${hosts[index]?.address}`, 'ETH_IF=eth0', 'IB_IF=none']
  writeFileSync(join(folder, '.env'), `${lines.join('\n')}\n`)
  for (const name of Object.keys(recipes)) writeModel(join(home, '.cache/huggingface/hub'), tiny(`lab/${name}`))
}

function tiny(repo: string) {
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    head_dim: 16,
    max_position_embeddings: 2048,
    vocab_size: 512,
    dtype: 'bfloat16',
  }
  return { repo, bytes: 1_000_000, shards: 1, hosts: [], config }
}

function recipe(name: LabRecipe): string {
  const { seconds, nodes, fails } = recipes[name]
  const env = { LAB_LOAD_S: String(seconds), ...(fails ? { LAB_FAIL: '1' } : {}) }
  return JSON.stringify({
    recipe_version: '1',
    name,
    model: `lab/${name}`,
    container: 'vllm-node',
    env,
    cluster_only: nodes > 1,
    command: `vllm serve lab/${name} --port {port} -tp ${nodes} --gpu-memory-utilization 0.1 --max-model-len 1024`,
  })
}

function configuration(hosts: LabHost[], key: string): string {
  const { service, container, port } = slot
  const lines = hosts.map(
    ({ id, address }) =>
      `  ${id}: { address: ${address}, fabric: ${address}, user: spark, launcher: ~/spark-vllm-docker }`,
  )
  return `name: lab
ssh: { key: ${JSON.stringify(key)} }
hosts:
${lines.join('\n')}
services:
  ${service}: { kind: vllm, hosts: [${hosts.map(({ id }) => id).join(', ')}], port: ${port}, container: ${container} }
`
}
