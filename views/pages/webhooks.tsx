/** @jsxImportSource #jsx */
import type { DeliveryView, TargetView } from '../../core/webhooks/delivery'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import type { Parts } from '../partial'
import { deliveriesPart } from '../parts/deliveries'
import { Live } from '../parts/live'
import { Trouble } from '../parts/trouble'

/** What the page of webhooks shows beside what every page has. */
export interface WebhooksSubject {
  targets: TargetView[]
  deliveries: DeliveryView[]
}

/** Who is told of events, and what became of each message. */
export function webhooksPage(subject: WebhooksSubject, data: PageData): Html {
  const parts = webhooksParts(subject, data)
  return layout({
    title: 'Webhooks',
    data,
    children: (
      <Live path="/ui/webhooks/events">
        <h1>Webhooks</h1>
        {parts.targets}
        {parts.deliveries}
      </Live>
    ),
  })
}

/** The blocks of the page that change, by element id. */
export function webhooksParts({ targets, deliveries }: WebhooksSubject, data: PageData): Parts {
  return { targets: targetsPart(targets), deliveries: deliveriesPart(deliveries, data) }
}

function targetsPart(targets: TargetView[]) {
  return (
    <section id="targets" class="panel" aria-labelledby="targets-title">
      <h2 id="targets-title">Who is told</h2>
      {targets.length === 0 && (
        <p>
          Nobody: add targets under <code>webhooks:</code> in spark.config.yaml.{' '}
          <a href="/ui/coordination#webhooks">How a program is told of events</a>
        </p>
      )}
      {targets.length > 0 && <ul class="recipes">{targets.map(entry)}</ul>}
    </section>
  )
}

function entry({ url, secret, events, obstacle }: TargetView) {
  const path = '/ui/webhooks/test'
  return (
    <li>
      <div class="about">
        <h3>{url}</h3>
        <p class="small">
          {events.length === 0 ? 'Told of all events' : `Told of ${events.join(', ')}`}, signed with the secret {secret}
        </p>
        <Trouble cause={obstacle?.text ?? null} remedy={obstacle?.remedy ?? null} />
      </div>
      <form method="post" action={path} hx-post={path} hx-swap="none" hx-disable="find button" class="action">
        <input type="hidden" name="target" value={url} />
        <button type="submit" class="quiet" aria-label={`Send a test to ${url}`}>
          Send a test
        </button>
      </form>
    </li>
  )
}
