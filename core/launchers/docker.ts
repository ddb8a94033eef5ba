import { posix } from 'node:path'
import { usualDocker } from '../models/own-block'
import type { DockerSettings } from '../models/recipe'
import { containerOf, proofCommand, stopCommands } from './container'
import { engineCommand, folderTarget } from './engine-command'
import type { Launcher, LaunchOrder, LaunchWork, Requirement } from './launcher'
import { dockerAnswers, imageThere } from './requirements'

/** `docker run` of an image as it is; the container stays when its engine ends, so that exit code and log do too. */
export const docker: Launcher = {
  name: 'docker',
  quiet: false,
  refusal,
  requirements: (order, host) => [
    dockerAnswers(host),
    imageThere(
      order.recipe.container,
      host,
      `pull it there (it must be for arm64): docker pull ${order.recipe.container}`,
    ),
    ...sourcesThere(order, host.id),
  ],
  older: () => null,
  work,
  stop: ({ service }) => stopCommands(containerOf(service)),
  proof: ({ service }) => ({ argv: proofCommand(containerOf(service)), by: 'output' }),
}

function refusal({ recipe, service, weights }: LaunchOrder): string | null {
  const [head] = service.hosts
  if (recipe.nodes > 1)
    return `${recipe.id}: docker starts it on one Spark, its command asks for ${recipe.nodes}; use the runtime launch-cluster`
  if (recipe.mods.length > 0)
    return `${recipe.id}: mods are applied by launch-cluster alone; mount the patched files instead`
  if (weights?.path.includes(':'))
    return `${recipe.id}: docker cannot mount ${weights.path}; move the model to a path without a colon`
  const below = settingsOf(recipe.docker).mounts.find(isRelative)
  if (below && !head?.launcher)
    return `${recipe.id}: mounts ${below} from the launcher's folder, which ${head?.id} does not have; name it under hosts.${head?.id}.launcher or begin the mount with ~/`
  return null
}

// Docker makes an empty folder of a source that is not there.
function sourcesThere(order: LaunchOrder, host: string): Requirement[] {
  return ownMounts(order).map((mount) => {
    const source = mount.split(':')[0] ?? ''
    const problem = `${source} is not on ${host}, and ${order.recipe.id} mounts it; put it there`
    return { argv: ['test', '-e', source], problem }
  })
}

function work(order: LaunchOrder): LaunchWork {
  const { recipe, service } = order
  const container = containerOf(service)
  const options = ['docker', 'run', '-d', '--name', container, ...optionsOf(order)]
  const command = afterEntrypoint(engineCommand(order), settingsOf(recipe.docker).entrypoint)
  return {
    directory: null,
    start: [...options, recipe.container, ...command],
    homes: options.length,
    log: ['docker', 'logs', '-f', container],
    logFirst: false,
    alive: ['sh', '-c', running, 'spark-control-alive', container],
    verdict: ['docker', 'container', 'inspect', '--format', ended, container],
  }
}

const running = '[ "$(docker container inspect --format "{{.State.Running}}" "$1")" = true ]'
// core/swap/load-failure.ts reads this.
const ended = 'the container ended with code {{.State.ExitCode}} (OOMKilled={{.State.OOMKilled}})'

function optionsOf(order: LaunchOrder): string[] {
  const { recipe, service } = order
  const { entrypoint, shm, network, privileged, gpus, user } = settingsOf(recipe.docker)
  const published = network === 'host' ? [] : ['-p', `${service.port}:${service.port}`]
  return [
    ...(gpus === '' ? [] : ['--gpus', gpus]),
    '--network',
    network,
    ...published,
    ...(shm === null ? ['--ipc', 'host'] : ['--shm-size', shm]),
    ...(privileged ? ['--privileged'] : []),
    ...(user === null ? [] : ['--user', user]),
    ...(entrypoint === 'keep' ? [] : [`--entrypoint=${entrypoint ?? ''}`]),
    ...[...cacheMounts(order), ...ownMounts(order)].flatMap((mount) => ['-v', mount]),
    ...Object.entries(recipe.env).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
  ]
}

function cacheMounts({ recipe, weights }: LaunchOrder): string[] {
  const { cache, mounts } = settingsOf(recipe.docker)
  const own = `~/.cache/huggingface:${cache}`
  const { layout, path } = weights ?? { layout: null, path: '' }
  const hub = posix.basename(path) === 'hub' ? `${posix.dirname(path)}:${cache}` : `${path}:${cache}/hub`
  const folder = `${path}:${folderTarget(recipe.repo)}:ro`
  const all = layout === 'hub' ? [hub] : layout === 'folder' ? [own, folder] : [own]
  // Docker refuses two mounts in one place; the recipe's own wins.
  const taken = mounts.map((mount) => mount.split(':')[1])
  return all.filter((mount) => !taken.includes(mount.split(':')[1]))
}

function ownMounts({ recipe, service }: LaunchOrder): string[] {
  const launcher = service.hosts[0]?.launcher ?? ''
  return settingsOf(recipe.docker).mounts.map((mount) => (isRelative(mount) ? posix.join(launcher, mount) : mount))
}

const isRelative = (mount: string) => !/^(\/|~\/)/.test(mount)

/** A command is written whole, as for any other runtime; the words that the entrypoint already is are left out. */
function afterEntrypoint(argv: string[], entrypoint: string | null): string[] {
  const [program = '', verb] = argv.map((word) => posix.basename(word))
  if (entrypoint === null) return argv
  if (entrypoint !== 'keep') return program === posix.basename(entrypoint) ? argv.slice(1) : argv
  return program === 'vllm' && verb === 'serve' ? argv.slice(2) : argv
}

const settingsOf = (settings: DockerSettings | null) => settings ?? usualDocker
