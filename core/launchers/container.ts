import type { Host, Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'

/** The container that a service's models run in; the launcher's own default where none is named. */
export function containerOf(service: Service): string {
  return service.container ?? 'vllm_node'
}

/** The hosts a recipe takes of a service's: the head, and as many more as its parallel sizes ask for. */
export function launchHosts(recipe: Recipe, service: Service): Host[] {
  return service.hosts.slice(0, Math.max(1, recipe.nodes))
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
