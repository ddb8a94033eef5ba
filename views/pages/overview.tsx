/** @jsxImportSource #jsx */
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { changes, type Parts, partial, sameIds } from '../partial'
import { calendarPart } from '../parts/calendar'
import { hostTile } from '../parts/host'
import { Live } from '../parts/live'
import { lockPart } from '../parts/lock'
import { modelPart } from '../parts/model'
import { queuePart } from '../parts/queue'
import { recipesPart } from '../parts/recipes'
import { statusPart } from '../parts/status'
import { swapPart } from '../parts/swap'
import { tile } from '../services/tiles'

/** The dashboard: is everything fine, what runs, what is in progress, what can run. */
export function overviewPage(data: PageData): Html {
  return layout({ title: 'Overview', data, path: '/', children: <Live>{overview(data)}</Live> })
}

/** The blocks of the dashboard by element id. */
export function overviewParts(data: PageData): Parts {
  return {
    status: statusPart(data),
    lock: lockPart(data),
    model: modelPart(data),
    swap: swapPart(data),
    queue: queuePart(data),
    ...byId('host', data.cluster.hosts, (host) => hostTile(host, data)),
    ...byId('service', shownServices(data), (service) => tile(service, data)),
    recipes: recipesPart(data),
    calendar: calendarPart(data),
  }
}

/** What an open dashboard must be sent after a change, empty where it shows all already. */
export function overviewChanges(before: Parts, after: Parts, data: PageData): string {
  // Where blocks came or went the frame around them must follow; pages of one service take the blocks alone.
  const frame = sameIds(before, after) ? '' : partial('overview', overview(data)).value
  return frame + changes(before, after)
}

function overview(data: PageData): Html {
  const parts = overviewParts(data)
  const services = shownServices(data)
  return (
    <div id="overview">
      {parts.status}
      {parts.lock}
      {parts.model}
      {parts.swap}
      {parts.queue}
      <section aria-labelledby="hosts-title">
        <h2 id="hosts-title">Hosts</h2>
        {data.cluster.hosts.length === 0 && <p>No hosts yet: add your Sparks under hosts: in spark.config.yaml.</p>}
        <div class="tiles">{data.cluster.hosts.map((host) => parts[`host-${host.id}`])}</div>
      </section>
      <section aria-labelledby="services-title">
        <h2 id="services-title">Services</h2>
        {services.length === 0 && <p>No services yet: add them under services: in spark.config.yaml.</p>}
        <div class="tiles">{services.map((service) => parts[`service-${service.id}`])}</div>
      </section>
      {parts.recipes}
      {parts.calendar}
      {data.webhooks && (
        <p class="small">
          Events are told to other programs: <a href="/ui/webhooks">webhooks and their deliveries</a>.
        </p>
      )}
    </div>
  )
}

function shownServices(data: PageData) {
  return data.cluster.services.filter((service) => !service.hidden && !service.disabled)
}

function byId<Part extends { id: string }>(kind: string, parts: Part[], render: (part: Part) => Html): Parts {
  return Object.fromEntries(parts.map((part) => [`${kind}-${part.id}`, render(part)]))
}
