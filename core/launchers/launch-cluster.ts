import { posix } from 'node:path'
import type { Host } from '../config/cluster'
import { containerOf, launchHosts, proofCommand, stopCommands } from './container'
import { engineCommand, folderTarget } from './engine-command'
import type { Launcher, LaunchOrder, LaunchWork, Requirement } from './launcher'
import { oldLaunchCommand } from './old-launch-cluster'
import { dockerAnswers, imageThere } from './requirements'

/** spark-vllm-docker's `launch-cluster.sh`, which the head's `launcher` folder holds. */
export const launchCluster: Launcher = {
  name: 'launch-cluster',
  quiet: false,
  refusal,
  requirements,
  older: (order) => ['sh', '-c', '! grep -qFe --solo "$1"', 'spark-control-generation', programOf(order)],
  work,
  stop: ({ service }) => stopCommands(containerOf(service)),
  proof: ({ service }) => ({ argv: proofCommand(containerOf(service)), by: 'output' }),
}

function refusal({ recipe, service, weights }: LaunchOrder): string | null {
  const head = service.hosts[0]
  if (!head?.launcher)
    return `${head?.id}: has no launcher; name the folder of spark-vllm-docker under hosts.${head?.id}.launcher`
  // The launcher puts its mounts into docker's line unquoted.
  if (weights && !/^[\w@%+=./-]+$/.test(weights.path))
    return `${recipe.id}: launch-cluster.sh cannot mount ${weights.path}; move the model to a path of letters, digits, dots, dashes or underscores`
  return null
}

function requirements(order: LaunchOrder, host: Host, isHead: boolean): Requirement[] {
  const { recipe, service } = order
  const [head] = service.hosts
  const image = imageThere(recipe.container, host, 'build or pull it there (./build-and-copy.sh)')
  const copy = `./build-and-copy.sh --no-build -t ${recipe.container} --copy-to ${host.fabric ?? host.address}`
  const differs = `image ${recipe.container} on ${host.id} is not the one on ${head?.id}; copy it from there: ${copy}`
  return [dockerAnswers(host), { ...image, differs }, ...(isHead ? launcherKnows(order, host) : [])]
}

function launcherKnows(order: LaunchOrder, { id, launcher }: Host): Requirement[] {
  const program = programOf(order)
  const flags = [...(order.recipe.mods.length > 0 ? ['--apply-mod'] : []), ...placed(order).needs]
  return [
    {
      argv: ['test', '-x', program],
      problem: `launch-cluster.sh is not in ${launcher} on ${id}; correct hosts.${id}.launcher or install spark-vllm-docker`,
    },
    ...flags.map((flag) => ({
      argv: ['grep', '-qFe', flag, program],
      problem: `launch-cluster.sh on ${id} is too old for ${order.recipe.id}: it does not know ${flag}; update spark-vllm-docker there: git pull`,
    })),
  ]
}

// Always with `-d`: a foreground launch stops the model when its own process ends. Variables go in by `env` before the
// program, because the launcher's own `-e` breaks values with blanks or quotes.
function work(order: LaunchOrder, older = false): LaunchWork {
  const { recipe, service } = order
  const container = containerOf(service)
  const engine = engineCommand(order)
  const inside = [...environment(recipe.env), ...engine]
  return {
    directory: service.hosts[0]?.launcher ?? null,
    start: older ? oldLaunchCommand(order, inside) : command(order, inside),
    homes: 0,
    log: ['docker', 'logs', '-f', container],
    logFirst: false,
    // In daemon mode the container outlives a crashed engine.
    alive: ['sh', '-c', 'docker top "$1" | grep -qFe "$2"', 'spark-control-alive', container, shownAs(engine)],
    verdict: [],
  }
}

function command(order: LaunchOrder, inside: string[]): string[] {
  const { recipe, service } = order
  const { home, volumes } = placed(order)
  return [
    ...environment(home === null ? {} : { HF_HOME: home }),
    './launch-cluster.sh',
    ...nodes(launchHosts(recipe, service)),
    '-t',
    recipe.container,
    '--name',
    containerOf(service),
    ...volumes.flatMap((volume) => ['-v', volume]),
    ...recipe.mods.flatMap((mod) => ['--apply-mod', mod]),
    '-d',
    'exec',
    ...inside,
  ]
}

/** How weights that lie elsewhere come into the container, and what the launcher must know for it. */
function placed({ recipe, weights }: LaunchOrder): { home: string | null; volumes: string[]; needs: string[] } {
  if (!weights) return { home: null, volumes: [], needs: [] }
  const { layout, path } = weights
  if (layout === 'folder')
    return { home: null, volumes: [`${path}:${folderTarget(recipe.repo)}:ro`], needs: ['--volume'] }
  if (posix.basename(path) === 'hub') return { home: posix.dirname(path), volumes: [], needs: ['HF_HOME'] }
  return { home: null, volumes: [`${path}:/root/.cache/huggingface/hub`], needs: ['--volume'] }
}

// Without a fabric address for every host, the launcher's own .env says which nodes there are.
function nodes(hosts: Host[]): string[] {
  if (hosts.length === 1) return ['--solo']
  const fabric = hosts.flatMap((host) => host.fabric ?? [])
  return fabric.length === hosts.length ? ['-n', fabric.join(',')] : []
}

function environment(variables: Record<string, string>): string[] {
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  return words.length > 0 ? ['env', ...words] : []
}

/** What `docker top` shows of an engine, with whatever interpreter before it. */
function shownAs(engine: string[]): string {
  const vllm = engine.findIndex((word, index) => /(^|\/)vllm$/.test(word) && engine[index + 1] === 'serve')
  const program = engine.findIndex((word) => word !== 'env' && !/^[A-Za-z_]\w*=/.test(word))
  return vllm === -1 ? engine.slice(program, program + 2).join(' ') : 'vllm serve'
}

const programOf = ({ service }: LaunchOrder) => posix.join(service.hosts[0]?.launcher ?? '', 'launch-cluster.sh')
