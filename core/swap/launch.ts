import type { Host, Service } from '../config/cluster'
import { recipeCommand } from '../models/command'
import type { Recipe } from '../models/recipe'

/** The container that a service's models run in; the launcher's own default where none is named. */
export function containerOf(service: Service): string {
  return service.container ?? 'vllm_node'
}

/** The hosts a recipe takes of a service's: the head, and as many more as its parallel sizes ask for. */
export function launchHosts(recipe: Recipe, service: Service): Host[] {
  return service.hosts.slice(0, Math.max(1, recipe.nodes))
}

/**
 * The command that launches a recipe through spark-vllm-docker's `launch-cluster.sh`.
 * Always with `-d`: a foreground launch stops the model when its own process ends.
 * Variables go in by `env` before the program, because the launcher's own `-e` breaks values with blanks or quotes.
 * @throws {Error} when the recipe's command is no single program call
 */
export function launchClusterCommand(recipe: Recipe, service: Service): string[] {
  const hosts = launchHosts(recipe, service)
  const variables = Object.entries(recipe.env).map(([name, value]) => `${name}=${value}`)
  const command = recipeCommand(recipe, { port: service.port })
  return [
    './launch-cluster.sh',
    ...nodes(hosts),
    '-t',
    recipe.container,
    '--name',
    containerOf(service),
    ...recipe.mods.flatMap((mod) => ['--apply-mod', mod]),
    '-d',
    'exec',
    ...(variables.length > 0 ? ['env', ...variables] : []),
    ...command,
  ]
}

// Without a fabric address for every host, the launcher's own .env says which nodes there are.
function nodes(hosts: Host[]): string[] {
  if (hosts.length === 1) return ['--solo']
  const fabric = hosts.flatMap((host) => host.fabric ?? [])
  return fabric.length === hosts.length ? ['-n', fabric.join(',')] : []
}

/** Ends a container on one host: politely, then for good; both are no error when it is not there. */
export function stopCommands(container: string): string[][] {
  return [
    ['docker', 'stop', '-t', '10', container],
    ['docker', 'rm', '-f', container],
  ]
}

/** Lists the container if it is there, running or not; docker's name filter is a regular expression. */
export function proofCommand(container: string): string[] {
  return ['docker', 'ps', '-a', '--filter', `name=^${container.replaceAll('.', '\\.')}$`, '--format', '{{.Names}}']
}
