import type { SimulatedHost } from './host'
import { commandLine, type DemoRecipe, nodesOf } from './recipes'

const PATIENCE_MS = 300_000

/** Starts a recipe's model through the head's own launch-cluster.sh, as a person at its prompt would, and waits until it serves. */
export async function launchRecipe(recipe: DemoRecipe, hosts: SimulatedHost[], port: number, launcher: 'new' | 'old') {
  const [head] = hosts
  if (!head) throw new Error(`${recipe.id}: there is no host to launch on`)
  const { code, stdout, stderr } = await head.run(typed(recipe, hosts, port, launcher))
  if (code !== 0) throw new Error(`${recipe.id}: launch-cluster.sh ended with ${code}; it said:\n${stdout}${stderr}`)
  await serving(recipe, head, port)
}

function typed(recipe: DemoRecipe, hosts: SimulatedHost[], port: number, launcher: 'new' | 'old'): string {
  const nodes = recipe.clusterOnly ? Math.max(2, nodesOf(recipe)) : nodesOf(recipe)
  const addresses = hosts.slice(0, nodes).map(({ fabric }) => fabric)
  const variables = Object.entries(recipe.env).map(([name, value]) => `-e ${name}=${value} `)
  const line = commandLine(recipe, port)
  // What is loaded before anyone looks need not take a load's time.
  const folder = 'cd ~/spark-vllm-docker && SPARK_SIM_SPEED=1000'
  if (launcher === 'old') {
    const inside = `${line} >> /proc/1/fd/1 2>&1`
    return `${folder} ./launch-cluster.sh -n ${addresses.join(',')} -t ${recipe.container} -d start && docker exec -d vllm_node bash -c ${quoted(inside)}`
  }
  const where = nodes > 1 ? `-n ${addresses.join(',')}` : '--solo'
  const mods = recipe.mods.map((mod) => `--apply-mod ${mod} `)
  return `${folder} ./launch-cluster.sh ${where} -t ${recipe.container} ${variables.join('')}${mods.join('')}-d exec ${line}`
}

async function serving(recipe: DemoRecipe, head: SimulatedHost, port: number) {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const answer = await fetch(`http://${head.address}:${port}/v1/models`).catch(() => null)
    if (answer?.ok) return
    const { stdout } = await head.run(`docker exec vllm_node pgrep -f 'vllm serve'`)
    if (stdout.trim() === '') {
      const { stdout: log, stderr } = await head.run('docker logs --tail 30 vllm_node')
      throw new Error(`${recipe.id}: its server ended while it loaded; it said:\n${log}${stderr}`)
    }
    await Bun.sleep(100)
  }
  throw new Error(`${recipe.id}: not serving after ${PATIENCE_MS / 1000} s`)
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
