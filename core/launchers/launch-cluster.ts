import { posix } from 'node:path'
import type { Host } from '../config/cluster'
import { besideLauncher, onRay } from './beside-launcher'
import { containerOf, inContainer, launchHosts, masterPortOf } from './container'
import { engineCommand, folderTarget } from './engine-command'
import type { Launcher, LaunchOrder, LaunchWork, Requirement } from './launcher'
import { onHead } from './launcher-folder'
import { dockerAnswers, imageThere, modThere } from './requirements'
import { homeOf, hubMount } from './weights-mount'

/** spark-vllm-docker's `launch-cluster.sh`, which the head's `launcher` folder holds. */
export const launchCluster: Launcher = {
  name: 'launch-cluster',
  quiet: false,
  refusal,
  requirements,
  question: (order) => ['grep', '-oFe', solo, '-e', quoting, programOf(order)],
  work,
  ...inContainer,
}

// It came in January 2026.
const solo = '--solo'
// Before March 2026 `exec` joined its words unquoted: `{"a": 1}` arrived as `{a: 1}`.
const quoting = '%q'

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
  const flags = [
    ...(order.recipe.mods.length > 0 ? ['--apply-mod'] : []),
    ...placed(order).needs,
    ...masterPort(order).slice(0, 1),
  ]
  return [
    {
      argv: ['test', '-x', program],
      problem: `launch-cluster.sh is not in ${launcher} on ${id}; correct hosts.${id}.launcher or install spark-vllm-docker`,
    },
    ...flags.map((flag) => ({
      argv: ['grep', '-qFe', flag, program],
      problem: `launch-cluster.sh on ${id} is too old for ${order.recipe.id}: it does not know ${flag}; update spark-vllm-docker there: git pull`,
    })),
    ...order.recipe.mods.map((mod) => modThere(onHead(mod, order.service), id, order.recipe)),
  ]
}

// Always with `-d`: a foreground launch stops the model when its own process ends. Variables go in by `env` before the
// program, because the launcher's own `-e` breaks values with blanks or quotes.
function work(order: LaunchOrder, said = `${solo}\n${quoting}`): LaunchWork {
  const { recipe, service } = order
  const container = containerOf(service)
  const quotes = said.includes(quoting)
  const engine = quotes ? engineCommand(order) : onRay(engineCommand(order), launchHosts(recipe, service).length)
  const inside = [...environment(recipe.env), ...engine]
  const launcher = [...command(order, said.includes(solo)), '-d']
  const start = quotes ? [...launcher, 'exec', ...inside] : besideLauncher([...launcher, 'start'], container, inside)
  return {
    directory: service.hosts[0]?.launcher ?? null,
    start,
    homes: start.length - inside.length,
    log: ['docker', 'logs', '-f', container],
    logFirst: false,
    // In daemon mode the container outlives a crashed engine.
    alive: ['sh', '-c', 'docker top "$1" | grep -qFe "$2"', 'spark-control-alive', container, shownAs(engine)],
    verdict: [],
  }
}

/** The launcher with all that comes before its action. */
function command(order: LaunchOrder, knowsSolo: boolean): string[] {
  const { recipe, service } = order
  const { home, volumes } = placed(order)
  return [
    ...environment(home === null ? {} : { HF_HOME: home }),
    './launch-cluster.sh',
    ...nodes(launchHosts(recipe, service), knowsSolo),
    '-t',
    recipe.container,
    '--name',
    containerOf(service),
    ...masterPort(order),
    ...volumes.flatMap((volume) => ['-v', volume]),
    ...recipe.mods.flatMap((mod) => ['--apply-mod', mod]),
  ]
}

// Two launches of several Sparks with one head would meet on the launcher's usual port.
function masterPort({ recipe, service }: LaunchOrder): string[] {
  const port = masterPortOf(service)
  return port !== null && launchHosts(recipe, service).length > 1 ? ['--master-port', String(port)] : []
}

/** How weights that lie elsewhere come into the container, and what the launcher must know for it. */
function placed({ recipe, weights }: LaunchOrder): { home: string | null; volumes: string[]; needs: string[] } {
  if (!weights) return { home: null, volumes: [], needs: [] }
  const { layout, path } = weights
  if (layout === 'folder')
    return { home: null, volumes: [`${path}:${folderTarget(recipe.repo)}:ro`], needs: ['--volume'] }
  const home = homeOf(path)
  if (home !== null) return { home, volumes: [], needs: ['HF_HOME'] }
  return { home, volumes: [hubMount(path, '/root/.cache/huggingface')], needs: ['--volume'] }
}

// Without a fabric address for every host, the launcher's own .env says which nodes there are.
function nodes(hosts: Host[], knowsSolo: boolean): string[] {
  if (hosts.length === 1 && knowsSolo) return [solo]
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
