/** @jsxImportSource #jsx */
import type { ServiceView } from '../../core/cluster/snapshot'
import type { Child } from '../elements'
import type { PageData } from '../page-data'
import { Facts, factTexts } from './facts'
import { OwnLogin } from './own-login'
import { RunningAction } from './service-job'
import { Sparkline } from './sparkline'
import { StateLasting, StateMark, toneOf } from './state'
import { StripChart } from './strip'
import { Trouble } from './trouble'
import { Ago } from './when'

/** The frame of every service's tile: what it is, where it runs, how it is; the kind's own figures stand inside. */
export function ServiceTile(props: { service: ServiceView; data: PageData; children?: Child }) {
  const { service, data } = props
  const id = `service-${service.id}`
  const troubled = service.state !== 'up' && service.state !== 'busy'
  return (
    <article id={id} class={`tile ${toneOf(service.state)}`} aria-labelledby={`${id}-title`}>
      <header>
        <h3 id={`${id}-title`}>
          <a href={`/ui/services/${service.id}`}>{service.title}</a>
        </h3>
        <StateMark state={service.state} />
      </header>
      <p class="small">
        {service.kind} on {places(service, data)}
        {service.port !== null && `, port ${service.port}`}
        <StateLasting state={service.state} since={service.since} now={data.now} />
        {justStarted(service, data.now) && (
          <>
            {' '}
            · <strong>started</strong> <Ago time={justStarted(service, data.now) ?? ''} now={data.now} />
          </>
        )}
      </p>
      <Trouble cause={service.cause} remedy={service.remedy} />
      <RunningAction service={service} data={data} />
      <OwnLogin service={service} data={data} />
      <div class={troubled ? 'figures old' : 'figures'}>
        {props.children}
        {data.sparklines[`service:${service.id}`]?.map((line) => (
          <div class="history">
            <p>
              <span>{line.label} in the last 15 min</span>
            </p>
            <Sparkline line={line} over="last 15 min" low={0} />
          </div>
        ))}
      </div>
      <StripChart strip={data.strips[`service:${service.id}`]} over="Last 24 h" />
      <p class="small">
        {service.seen_at ? (
          <>
            {troubled ? 'as of' : 'seen'} <Ago time={service.seen_at} now={data.now} />
          </>
        ) : (
          'never seen'
        )}
      </p>
    </article>
  )
}

/** The tile of a kind that has none of its own: its declared figures as they come. */
export function genericTile(service: ServiceView, data: PageData) {
  return (
    <ServiceTile service={service} data={data}>
      <Facts facts={factTexts(service.facts)} />
    </ServiceTile>
  )
}

function places(service: ServiceView, data: PageData): string {
  return service.hosts.map((id) => data.cluster.hosts.find((host) => host.id === id)?.title ?? id).join(' and ')
}

const justMs = 10 * 60_000

/** When its container was started, if that is news: a restart of a moment would not be noticed otherwise. */
function justStarted({ started_at }: ServiceView, now: string): string | null {
  return started_at !== null && Date.parse(now) - Date.parse(started_at) < justMs ? started_at : null
}
