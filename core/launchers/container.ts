import type { Host, Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'
import type { Launcher, Proof } from './launcher'

/** The container that a service's models run in; the launcher's own default where none is named. */
export function containerOf(service: Service): string {
  return service.container ?? 'vllm_node'
}

/** The port over which the Sparks of one launch find each other, where the service names one; null: the launcher's own. */
export function masterPortOf({ options }: Service): number | null {
  return typeof options.master_port === 'number' ? options.master_port : null
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
export function containerProof(container: string): Proof {
  const filter = `name=^${container.replaceAll('.', '\\.')}$`
  return { argv: ['docker', 'ps', '-a', '--filter', filter, '--format', '{{.Names}}'], by: 'output' }
}

/** The end and the proof of whatever runs in the service's container, however it was started. */
export const inContainer: Pick<Launcher, 'stop' | 'proof'> = {
  stop: ({ service }) => stopCommands(containerOf(service)),
  proof: ({ service }) => containerProof(containerOf(service)),
}
