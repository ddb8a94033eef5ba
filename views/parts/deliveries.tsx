/** @jsxImportSource #jsx */
import type { AttemptView, DeliveryState, DeliveryView } from '../../core/webhooks/delivery'
import { duration } from '../format/duration'
import type { PageData } from '../page-data'
import { Shape, type Tone } from './state'
import { Ago } from './when'

/** The last messages on their way to somebody, the newest first, each with its attempts. */
export function deliveriesPart(deliveries: DeliveryView[], data: PageData) {
  return (
    <section id="deliveries" class="panel" aria-labelledby="deliveries-title">
      <h2 id="deliveries-title">Last deliveries</h2>
      {deliveries.length === 0 && <p>Nothing was to be told yet.</p>}
      {deliveries.length > 0 && <ul class="recipes lesser">{deliveries.map((each) => entry(each, data))}</ul>}
    </section>
  )
}

const states: Record<DeliveryState, { word: string; tone: Tone }> = {
  pending: { word: 'On its way', tone: 'busy' },
  waiting: { word: 'Waits', tone: 'warning' },
  delivered: { word: 'Delivered', tone: 'ok' },
  dead: { word: 'Given up', tone: 'bad' },
}

function entry(delivery: DeliveryView, data: PageData) {
  const { id, type, at, url, state, reason, attempts, next_at: next } = delivery
  const { word, tone } = states[state]
  return (
    <li id={`delivery-${id}`}>
      <div class="about">
        <p>
          <span class={`state ${tone}`}>
            <Shape tone={tone} /> {word}
          </span>{' '}
          <strong>{type}</strong>{' '}
          <span class="small">
            <Ago time={at} now={data.now} /> to {url}
          </span>
        </p>
        {reason && <p class="trouble">{reason}</p>}
        {next && state === 'pending' && attempts.length > 0 && (
          <p class="small">
            It is tried again <Ago time={next} now={data.now} />.
          </p>
        )}
        {attempts.length > 0 && attemptList(attempts, data)}
      </div>
      {(state === 'dead' || state === 'pending' || state === 'waiting') && <Again delivery={delivery} />}
    </li>
  )
}

function attemptList(attempts: AttemptView[], data: PageData) {
  const last = attempts.at(-1)
  return (
    <details>
      <summary>
        {attempts.length} {attempts.length === 1 ? 'attempt' : 'attempts'}
        {last?.error && `, the last: ${last.error}`}
      </summary>
      <ol class="rows">
        {attempts.map(({ at, status, ms, error }) => (
          <li class="small">
            <Ago time={at} now={data.now} />: {error ?? 'arrived'}
            {status !== null && ` (status ${status})`}, {ms < 1000 ? `${Math.round(ms)} ms` : duration(ms / 1000)}
          </li>
        ))}
      </ol>
    </details>
  )
}

function Again({ delivery }: { delivery: DeliveryView }) {
  const path = '/ui/webhooks/again'
  return (
    <form method="post" action={path} hx-post={path} hx-swap="none" hx-disable="find button" class="action">
      <input type="hidden" name="id" value={delivery.id} />
      <button type="submit" class="quiet" aria-label={`Send again: ${delivery.type} to ${delivery.url}`}>
        Send again
      </button>
    </form>
  )
}
