/** @jsxImportSource #jsx */
import type { ServiceView } from '../../core/cluster/snapshot'
import type { JobView } from '../../core/jobs/job'
import type { ActionName } from '../../core/services/action'
import type { Html } from '../html'
import { layout } from '../layout'
import type { EndpointView, PageData } from '../page-data'
import type { Parts } from '../partial'
import { Endpoints } from '../parts/endpoints'
import { Facts } from '../parts/facts'
import { Live } from '../parts/live'
import { lockPart } from '../parts/lock'
import { serviceActionsPart, takesModels } from '../parts/service-actions'
import { serviceJobPart } from '../parts/service-job'
import { ServiceLog } from '../parts/service-log'
import { tile } from '../services/tiles'

/** What the page of one service shows beside what every page has. */
export interface ServiceSubject {
  service: ServiceView
  actions: ActionName[]
  /** The action that runs, or the last one. */
  job: JobView | null
  container: string | null
  user: string | null
  endpoints: EndpointView[]
}

/** One service: how it is now, what can be done to it, its log, how it was declared, and how to call it. */
export function servicePage(subject: ServiceSubject, data: PageData): Html {
  const { service, endpoints, container } = subject
  const parts = serviceParts(subject, data)
  return layout({
    title: service.title,
    data,
    children: (
      <Live path={`/ui/services/${service.id}/events`}>
        <h1>{service.title}</h1>
        <section aria-labelledby="now-title">
          <h2 id="now-title">Now</h2>
          {parts[`service-${service.id}`]}
        </section>
        {parts.lock}
        {parts[`actions-${service.id}`]}
        {parts[`job-${service.id}`]}
        {container !== null && !service.disabled && <ServiceLog service={service} />}
        <section class="panel" aria-labelledby="declared-title">
          <h2 id="declared-title">Declared</h2>
          <Facts facts={declared(subject)} />
        </section>
        <section class="panel" aria-labelledby="endpoints-title">
          <h2 id="endpoints-title">Endpoints</h2>
          <Endpoints endpoints={endpoints} prefix="curl" />
        </section>
      </Live>
    ),
  })
}

/** The blocks of the page that change, by element id. */
export function serviceParts({ service, actions, job }: ServiceSubject, data: PageData): Parts {
  return {
    [`service-${service.id}`]: tile(service, data),
    ...(takesModels(service, data) ? { lock: lockPart(data) } : {}),
    [`actions-${service.id}`]: serviceActionsPart(service, actions, data),
    [`job-${service.id}`]: serviceJobPart(service.id, job, data),
  }
}

function declared({ service, container, user }: ServiceSubject) {
  const asIs: { label: string; value: string | number }[] = [
    { label: 'Id', value: service.id },
    { label: 'Kind', value: service.kind },
    { label: service.hosts.length > 1 ? 'Hosts, head first' : 'Host', value: service.hosts.join(', ') },
    { label: 'Port', value: service.port ?? 'none' },
  ]
  if (container !== null) asIs.push({ label: 'Container', value: container })
  if (user !== null) asIs.push({ label: 'Logs in as', value: user })
  if (service.hidden) asIs.push({ label: 'On the overview', value: 'hidden' })
  if (service.disabled) asIs.push({ label: 'Watched and served', value: 'no, disabled' })
  return asIs
}
