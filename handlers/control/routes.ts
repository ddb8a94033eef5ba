import type { Kind } from '../kind'
import type { Route } from '../route'
import { clusterRoutes } from './cluster'
import { discoverRoutes } from './discover'
import { doctorRoutes } from './doctor'
import { eventRoute } from './events'
import { historyRoutes } from './history'
import { hostRoutes } from './hosts'
import { jobRoutes } from './jobs'
import { lockRoutes } from './lock'
import { metricsRoute } from './metrics'
import { modelListRoute } from './model-list'
import { modelTransferRoutes } from './model-transfers'
import { modelRoutes } from './models'
import { orphanRoutes } from './orphans'
import { recipeRoutes } from './recipes'
import { scheduleRoutes } from './schedules'
import { secretRoutes } from './secrets'
import { serviceActionRoutes } from './service-actions'
import { serviceLogRoutes } from './service-logs'
import { serviceRoutes } from './services'
import { swapRoutes } from './swap'
import { webhookRoutes } from './webhooks'

/** Every endpoint of the control plane itself. */
export function controlRoutes(kinds: Kind[]): Route[] {
  return [
    ...clusterRoutes,
    eventRoute,
    ...hostRoutes,
    ...orphanRoutes,
    ...doctorRoutes(kinds),
    ...discoverRoutes(kinds),
    ...serviceRoutes(kinds),
    ...serviceActionRoutes,
    ...serviceLogRoutes,
    ...historyRoutes,
    ...modelRoutes,
    ...recipeRoutes,
    ...modelTransferRoutes,
    ...secretRoutes,
    ...lockRoutes,
    ...scheduleRoutes,
    ...webhookRoutes,
    ...swapRoutes,
    ...jobRoutes,
    modelListRoute,
    metricsRoute,
  ]
}
