import type { Probe } from '../core/cluster/probe'
import type { Service } from '../core/config/cluster'
import type { Kind } from './kind'

/** How each of these services is looked at; those that are disabled are not. */
export function probes(services: Service[], kinds: Kind[]): { service: Service; newProbe(): Probe }[] {
  return services
    .filter(({ disabled }) => !disabled)
    .flatMap((service) => {
      const kind = kinds.find((each) => each.kind === service.kind)
      return kind ? [{ service, newProbe: () => kind.probe(service) }] : []
    })
}
