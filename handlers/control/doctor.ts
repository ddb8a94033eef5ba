import { doctor } from '../../core/doctor/doctor'
import { type SharedReport, sharedReport } from '../../core/doctor/shared-report'
import type { Runtime } from '../../core/runtime'
import type { Kind } from '../kind'
import { probes } from '../probes'
import type { Route } from '../route'

// A host that is down was tried all along: waiting longer brings nothing.
const patienceMs = 2000
const reports = new WeakMap<Runtime, SharedReport>()

/** Examines every host and service, with the remedy for what is wrong. */
export function doctorRoutes(kinds: Kind[]): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/doctor',
      tag: 'hosts',
      summary: 'What is right, what is wrong and the remedy, on every host; examined now, or at most 30 s ago',
      query: { fresh: { about: '`true`: examined now', schema: { type: 'boolean' } } },
      handle: ({ runtime, url }) => reportOf(runtime, kinds).get({ fresh: url.searchParams.get('fresh') === 'true' }),
    },
  ]
}

/** The examinations of this runtime: pages and callers share them. */
export function reportOf(runtime: Runtime, kinds: Kind[]): SharedReport {
  const known = reports.get(runtime)
  if (known) return known
  const made = sharedReport(() => examine(runtime, kinds))
  reports.set(runtime, made)
  return made
}

function examine(runtime: Runtime, kinds: Kind[]) {
  const { cluster, recipes, hosts, swappable, logins } = runtime
  return doctor({
    cluster,
    recipes,
    hosts,
    probes: probes(cluster.services, kinds),
    swappable,
    loginOf: logins.of,
    paste: runtime.pasteLine(),
    patienceMs,
  })
}
