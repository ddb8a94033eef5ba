/** @jsxImportSource #jsx */
import type { ServiceView } from '../../core/cluster/snapshot'
import type { Html } from '../html'
import { layout } from '../layout'
import type { EndpointView, PageData } from '../page-data'
import { Endpoints } from '../parts/endpoints'
import { Facts } from '../parts/facts'
import { Live } from '../parts/live'
import { tile } from '../services/tiles'

/** One service: how it is now, how it was declared, and how to call it. */
export function servicePage(service: ServiceView, data: PageData, endpoints: EndpointView[]): Html {
  return layout({
    title: service.title,
    data,
    children: (
      <Live>
        <h1>{service.title}</h1>
        <section aria-labelledby="now-title">
          <h2 id="now-title">Now</h2>
          {tile(service, data)}
        </section>
        <section class="panel" aria-labelledby="declared-title">
          <h2 id="declared-title">Declared</h2>
          <Facts facts={declared(service)} />
        </section>
        <section class="panel" aria-labelledby="endpoints-title">
          <h2 id="endpoints-title">Endpoints</h2>
          <Endpoints endpoints={endpoints} prefix="curl" />
        </section>
      </Live>
    ),
  })
}

function declared(service: ServiceView) {
  const asIs = [
    { label: 'Id', value: service.id },
    { label: 'Kind', value: service.kind },
    { label: service.hosts.length > 1 ? 'Hosts, head first' : 'Host', value: service.hosts.join(', ') },
    { label: 'Port', value: service.port },
  ]
  if (service.hidden) asIs.push({ label: 'On the overview', value: 'hidden' })
  if (service.disabled) asIs.push({ label: 'Watched and served', value: 'no, disabled' })
  return asIs
}
