import { recipeCommand, usualUtilization } from '../models/command'
import { flagValue } from '../models/flags'
import type { LaunchOrder } from './launcher'

/** Where a plain folder with a model appears in the container. */
export function folderTarget(repo: string): string {
  return `/models/${repo}`
}

/** The engine's argument list: the recipe's, on the service's port, with the order's share of memory and place of the weights. */
export function engineCommand({ recipe, service, utilization, weights }: LaunchOrder): string[] {
  const { repo } = recipe
  const model = weights?.layout === 'folder' ? { repo, path: folderTarget(repo) } : undefined
  return recipeCommand(recipe, { port: service.port, utilization, model })
}

/** The share of each host's memory that a launch takes at once, 0 to 1; 0 where nothing tells, as for a script. */
export function memoryShare(order: LaunchOrder): number {
  if (order.utilization !== null) return order.utilization
  if (order.recipe.runtime === 'script') return 0
  const value = Number(flagValue(engineCommand(order), ['--gpu-memory-utilization']))
  return value > 0 && value <= 1 ? value : usualUtilization
}
