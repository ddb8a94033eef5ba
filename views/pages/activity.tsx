/** @jsxImportSource #jsx */
import type { RecordedEvent } from '../../core/history/event'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { Events } from '../parts/events'

/** What the page of all events shows of them. */
export interface ActivityView {
  events: RecordedEvent[]
  /** Cursor of those before; null where these are the oldest. */
  next: string | null
  /** Whose events; null for all. */
  host: string | null
  service: string | null
  /** Not the newest ones. */
  older: boolean
}

/** What happened, newest first, of all or of one host or service. */
export function activityPage(view: ActivityView, data: PageData): Html {
  const { events, next, host, service, older } = view
  const of = host !== null ? `host=${host}&` : service !== null ? `service=${service}&` : ''
  return layout({
    title: 'Activity',
    data,
    path: '/ui/activity',
    children: (
      <main id="main" tabindex={-1}>
        <h1>Activity</h1>
        {filters(view, data)}
        <p>
          To come: <a href="/ui/schedules">planned swaps</a>
          {data.webhooks && (
            <>
              {' '}
              · Told to others: <a href="/ui/webhooks">webhooks</a>
            </>
          )}
        </p>
        <section class="panel" aria-label="Events">
          {events.length > 0 ? <Events events={events} data={data} /> : nothing(view)}
          {(older || next) && (
            <p class="pager">
              {older && <a href={`/ui/activity?${of}`.replace(/[?&]$/, '')}>Newest</a>}
              {next && <a href={`/ui/activity?${of}cursor=${next}`}>Older</a>}
            </p>
          )}
        </section>
      </main>
    ),
  })
}

function filters({ host, service }: ActivityView, { cluster }: PageData) {
  const choices = [
    { href: '/ui/activity', title: 'All', on: host === null && service === null },
    ...cluster.hosts.map(({ id, title }) => ({ href: `/ui/activity?host=${id}`, title, on: host === id })),
    ...cluster.services.map(({ id, title }) => ({ href: `/ui/activity?service=${id}`, title, on: service === id })),
  ]
  return (
    <nav class="choices" aria-label="Whose events">
      {choices.map((choice) => (
        <a href={choice.href} aria-current={choice.on ? 'true' : null}>
          {choice.title}
        </a>
      ))}
    </nav>
  )
}

function nothing({ host, service }: ActivityView) {
  return (
    <p>
      Nothing is recorded{host !== null || service !== null ? ' here' : ''} yet. Outages, changes of a service's state,
      restarts, swaps and what people did will be listed here.
    </p>
  )
}
