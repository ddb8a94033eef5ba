import type { Service } from '../config/cluster'
import type { Link } from './link'
import type { AttentionView } from './snapshot'

/** What a person has to mend so that services with a user of their own can be acted on. @param linkOf how that login stands */
export function refusedLogins(services: Service[], linkOf: (service: Service) => Link | null): AttentionView[] {
  return services.flatMap((service) => {
    const link = service.disabled ? null : linkOf(service)
    if (link?.state !== 'refused') return []
    return [
      {
        severity: 'warning',
        subject: `service:${service.id}`,
        text: `${service.title}: ${link.cause}`,
        remedy: link.remedy ?? 'see its page',
        since: new Date(link.since).toISOString(),
      },
    ]
  })
}
