import type { AttentionView } from '../../core/cluster/snapshot'
import type { Finding } from '../../core/config/cluster'
import { formatFinding } from '../../core/config/findings'
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
    handle: ({ runtime }) => [...runtime.attention(), ...runtime.findings.filter(isTrouble).map(ofFinding)],
  },
]

function isTrouble({ severity }: Finding): boolean {
  return severity !== 'note'
}

function ofFinding(finding: Finding): AttentionView {
  return {
    severity: 'warning',
    subject: 'config',
    text: formatFinding(finding),
    remedy: 'mend it there; what was read before goes on until then',
    since: null,
  }
}
