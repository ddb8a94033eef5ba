import type { Service } from '../../core/config/cluster'
import type { Runtime } from '../../core/runtime'
import type { Kind } from '../kind'
import type { Route } from '../route'
import { declared, offeredActions } from './service-actions'

/** The declared services, declared and observed. */
export function serviceRoutes(kinds: Kind[]): Route[] {
  const described = (runtime: Runtime, service: Service) => ({
    ...runtime.observed.service(service.id),
    user: service.user,
    actions: offeredActions(runtime, service),
    job: runtime.runner.running().find((each) => each.service === service.id)?.id ?? null,
    declared: service.options,
    endpoints: (kinds.find((kind) => kind.kind === service.kind)?.endpoints(service) ?? []).map(
      ({ method, path, summary }) => ({ method, path, summary }),
    ),
  })
  return [
    {
      method: 'GET',
      path: '/api/services',
      tag: 'services',
      summary: 'Every declared service',
      handle: ({ runtime }) => ({ services: runtime.cluster.services.map((service) => described(runtime, service)) }),
    },
    {
      method: 'GET',
      path: '/api/services/:id',
      tag: 'services',
      summary: 'One service, declared and observed',
      answers: { 404: 'no such service' },
      handle({ runtime, params }) {
        return described(runtime, declared(runtime, params.id))
      },
    },
    {
      method: 'GET',
      path: '/api/services/:id/ssh-key',
      tag: 'services',
      summary: 'The public key of this controller, with the line to paste as the user of that service',
      answers: { 404: 'no such service' },
      handle({ runtime, params }) {
        const { id, user, hosts } = declared(runtime, params.id)
        const { publicLine } = runtime.key
        const as = user ?? hosts[0]?.user
        return { service: id, host: hosts[0]?.id, user: as, public_key: publicLine, line: runtime.pasteLine() }
      },
    },
  ]
}
