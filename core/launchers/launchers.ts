import type { Recipe } from '../models/recipe'
import { docker } from './docker'
import { launchCluster } from './launch-cluster'
import type { Launcher } from './launcher'
import { script } from './script'

const launchers: Record<Recipe['runtime'], Launcher> = { 'launch-cluster': launchCluster, docker, script }

/** The way a recipe is started. */
export function launcherOf({ runtime }: Pick<Recipe, 'runtime'>): Launcher {
  return launchers[runtime]
}
