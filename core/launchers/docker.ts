import { posix } from 'node:path'
import { usualDocker } from '../models/own-block'
import type { DockerSettings, Recipe } from '../models/recipe'
import { containerOf, inContainer } from './container'
import { engineCommand, folderTarget } from './engine-command'
import type { Launcher, LaunchOrder, LaunchWork, Requirement } from './launcher'
import { isOfLauncher, onHead } from './launcher-folder'
import { dockerAnswers, imageThere } from './requirements'
import { hubMount } from './weights-mount'

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
  question: ({ recipe }) =>
    settingsOf(recipe.docker).entrypoint === 'keep'
      ? ['docker', 'image', 'inspect', '--format', '{{json .Config.Entrypoint}}', recipe.container]
      : null,
  work,
  ...inContainer,
}

function refusal({ recipe, service, weights }: LaunchOrder): string | null {
  const [head] = service.hosts
  if (recipe.nodes > 1)
    return `${recipe.id}: docker starts it on one Spark, its command asks for ${recipe.nodes}; use the runtime launch-cluster`
  if (recipe.mods.length > 0)
    return `${recipe.id}: mods are applied by launch-cluster alone; mount the patched files instead`
  if (weights?.path.includes(':'))
    return `${recipe.id}: docker cannot mount ${weights.path}; move the model to a path without a colon`
  const below = settingsOf(recipe.docker).mounts.find(isOfLauncher)
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

function work(order: LaunchOrder, said?: string): LaunchWork {
  const { recipe, service } = order
  const container = containerOf(service)
  const options = ['docker', 'run', '-d', '--name', container, ...optionsOf(order)]
  const command = afterEntrypoint(engineCommand(order), entrypointOf(recipe, said))
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
// core/swap/steps/load-failure.ts reads this.
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
  const all =
    weights?.layout === 'hub'
      ? [hubMount(weights.path, cache)]
      : [own, ...(weights ? [`${weights.path}:${folderTarget(recipe.repo)}:ro`] : [])]
  // Docker refuses two mounts in one place; the recipe's own wins.
  const taken = mounts.map((mount) => mount.split(':')[1])
  return all.filter((mount) => !taken.includes(mount.split(':')[1]))
}

function ownMounts({ recipe, service }: LaunchOrder): string[] {
  return settingsOf(recipe.docker).mounts.map((mount) => onHead(mount, service))
}

/** The program and words that docker puts before the command. */
function entrypointOf({ container, docker }: Recipe, said?: string): string[] {
  const { entrypoint } = settingsOf(docker)
  if (entrypoint !== 'keep') return entrypoint === null ? [] : [entrypoint]
  if (said !== undefined) return wordsIn(said)
  return /(^|\/)vllm\/vllm-openai([:@]|$)/.test(container) ? ['vllm', 'serve'] : []
}

function wordsIn(json: string): string[] {
  try {
    const words: unknown = JSON.parse(json)
    return Array.isArray(words) ? words.map(String) : []
  } catch {
    return []
  }
}

/** A command is written whole, as for any other runtime; what the entrypoint already ends with is left out. */
function afterEntrypoint(argv: string[], entrypoint: string[]): string[] {
  const words = argv.map((word) => posix.basename(word))
  const before = entrypoint.map((word) => posix.basename(word))
  const same = before.findIndex((_, at) => before.slice(at).every((word, index) => word === words[index]))
  return same === -1 ? argv : argv.slice(before.length - same)
}

const settingsOf = (settings: DockerSettings | null) => settings ?? usualDocker
