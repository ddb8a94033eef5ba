import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import { UndeclaredError } from '../../core/webhooks/webhooks'
import { type WebhooksSubject, webhooksPage, webhooksParts } from '../../views/pages/webhooks'
import { act, html } from './answers'
import { liveView } from './live-view'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

const path = '/ui/webhooks'
const shown = 50

/** The page of who is told of events, and the forms that send something again or a test. */
export function webhookPages(runtime: Runtime): PlainRoute[] {
  const subject = (): WebhooksSubject => ({
    targets: runtime.webhooks.targets(),
    deliveries: runtime.webhooks.list({ limit: shown }),
  })

  return [
    { method: 'GET', path, handle: () => html(webhooksPage(subject(), pageData(runtime))) },
    {
      method: 'GET',
      path: `${path}/events`,
      handle: (request) => liveView(request, runtime, { parts: (data) => webhooksParts(subject(), data) }),
    },
    {
      method: 'POST',
      path: `${path}/again`,
      handle: (request) => act(request, async (form) => again(runtime, form.get('id') ?? ''), path),
    },
    {
      method: 'POST',
      path: `${path}/test`,
      handle: (request) =>
        act(request, async (form) => declared(() => runtime.webhooks.test(form.get('target') ?? '')), path),
    },
  ]
}

function again({ webhooks, history }: Runtime, id: string) {
  const delivery = declared(() => webhooks.again(id))
  if (!delivery) throw new ApiError(404, 'delivery_not_found', 'delivery: is no longer kept; nothing was sent')
  history.note({ type: 'action', text: `a webhook message was sent again (${delivery.id})` })
}

function declared<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof UndeclaredError)) throw error
    throw new ApiError(
      422,
      'webhook_not_declared',
      'target: is not declared; add it under webhooks in spark.config.yaml',
    )
  }
}
