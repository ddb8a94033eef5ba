import type { Kind } from '../kind'
import type { Route } from '../route'
import { clusterRoutes } from './cluster'
import { eventRoute } from './events'
import { hostRoutes } from './hosts'
import { jobRoutes } from './jobs'
import { metricsRoute } from './metrics'
import { modelListRoute } from './model-list'
import { recipeRoutes } from './recipes'
import { serviceRoutes } from './services'
import { swapRoutes } from './swap'

/** Every endpoint of the control plane itself. */
export function controlRoutes(kinds: Kind[]): Route[] {
  return [
    ...clusterRoutes,
    eventRoute,
    ...hostRoutes,
    ...serviceRoutes(kinds),
    ...recipeRoutes,
    ...swapRoutes,
    ...jobRoutes,
    modelListRoute,
    metricsRoute,
  ]
}
