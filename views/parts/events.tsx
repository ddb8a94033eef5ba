/** @jsxImportSource #jsx */
import type { RecordedEvent } from '../../core/history/event'
import { eventText, isRecovery } from '../format/event'
import type { PageData } from '../page-data'
import { Shape, type Tone, toneOf } from './state'
import { Ago, Lasting } from './when'

/** Recorded events in sentences, in the order given; what another entry tells already is left out. */
export function Events(props: { events: RecordedEvent[]; data: PageData }) {
  const shown = props.events.filter((event) => !isRecovery(event))
  if (shown.length === 0) return <p>All was well in this time.</p>
  return (
    <ol class="events">
      {shown.map((event) => (
        <li>
          <Shape tone={toneOfEvent(event)} />
          <div>
            <p>
              {sentence(event, props.data)}
              {event.state !== null && event.ended_at === null && (
                <>
                  {' '}
                  for <Lasting since={event.at} now={props.data.now} />
                </>
              )}
              {event.cause && `: ${event.cause}`}
            </p>
            <p class="small">
              <Ago time={event.at} now={props.data.now} />
              {event.job?.startsWith('swap-') && [' · ', <a href={`/ui/swap/${event.job}`}>the swap</a>]}
            </p>
          </div>
        </li>
      ))}
    </ol>
  )
}

const tones: Record<string, Tone> = { action: 'off', restart: 'warning', notice: 'warning' }

function toneOfEvent({ state, type, text }: RecordedEvent): Tone {
  if (type === 'job') return /: done/.test(text ?? '') ? 'ok' : /: cancelled/.test(text ?? '') ? 'off' : 'bad'
  return state === null ? (tones[type] ?? 'unknown') : toneOf(state)
}

/** A state is told of its subject; what was done or noticed has words of its own. */
function sentence(event: RecordedEvent, data: PageData) {
  const text = eventText(event)
  if (event.state === null) return [`${text[0]?.toUpperCase()}${text.slice(1)}`, mentioned(event, data)]
  return [subject(event, data), ` ${text}`]
}

// The words may name the subject by its id or not at all.
function mentioned(event: RecordedEvent, data: PageData) {
  return event.subject === null ? null : [' (', subject(event, data), ')']
}

/** The title of what an event is about, an id where it is no longer declared. */
function subject({ host, service, subject: name }: RecordedEvent, { cluster }: PageData) {
  const parts = service === null ? cluster.hosts : cluster.services
  const id = service ?? host
  const part = parts.find((each) => each.id === id)
  if (!part) return id ?? name
  return <a href={`/ui/${service === null ? 'hosts' : 'services'}/${part.id}`}>{part.title}</a>
}
