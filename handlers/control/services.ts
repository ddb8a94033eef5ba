import type { Service } from '../../core/config/cluster'
import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import type { Kind } from '../kind'
import type { Route } from '../route'

/** The declared services, declared and observed. */
export function serviceRoutes(kinds: Kind[]): Route[] {
  const described = (runtime: Runtime, service: Service) => ({
    ...runtime.observed.service(service.id),
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
        const service = runtime.cluster.services.find((each) => each.id === params.id)
        if (!service)
          throw new ApiError(404, 'service_not_found', 'service: is not declared; GET /api/services lists them')
        return described(runtime, service)
      },
    },
  ]
}
