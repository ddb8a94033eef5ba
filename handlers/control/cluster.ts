import type { Route } from '../route'
import { version } from '../version'

/** The controller itself and the cluster as it is seen. */
export const clusterRoutes: Route[] = [
  {
    method: 'GET',
    path: '/health',
    tag: 'control',
    summary: 'The controller itself; never waits on a Spark',
    handle: ({ runtime }) => ({ status: 'ok', version, uptime_s: Math.floor((Date.now() - runtime.startedAt) / 1000) }),
  },
  {
    method: 'GET',
    path: '/api/cluster',
    tag: 'control',
    summary: 'Hosts, services, models, the running swap and the lock',
    handle: ({ runtime }) => runtime.view(),
  },
  {
    method: 'GET',
    path: '/api/attention',
    tag: 'control',
    summary: 'What needs a person, worst first',
    handle: ({ runtime }) => runtime.attention(),
  },
]
