import { ApiError } from '../../core/gateway/api-error'
import { type DeliveryState, deliveryStates } from '../../core/webhooks/delivery'
import { deliveryNumber, UndeclaredError } from '../../core/webhooks/webhooks'
import type { Route } from '../route'
import { limitOf, limitSchema, wrongParameter } from './parameter'

/** Who outside is told what happens here, and what became of it. */
export const webhookRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/webhooks/deliveries',
    tag: 'webhooks',
    summary:
      'Messages to each target with every attempt, newest first, and the declared targets; kept for 30 days, at most 1,000 messages',
    query: {
      limit: limitSchema(50, 200),
      cursor: { about: 'the `next` of an answer' },
      state: { about: 'only those in this state', schema: { enum: deliveryStates } },
    },
    answers: { 422: 'the limit, cursor or state is wrong' },
    handle({ runtime, url }) {
      const limit = limitOf(url, 50, 200)
      const before = url.searchParams.get('cursor') ?? undefined
      if (before !== undefined && deliveryNumber(before) === null)
        throw wrongParameter('cursor', 'is not the `next` of an answer')
      const found = runtime.webhooks.list({ limit, before, state: stateOf(url) })
      const next = found.length === limit ? (found.at(-1)?.id ?? null) : null
      return { deliveries: found, next, targets: runtime.webhooks.targets() }
    },
  },
  {
    method: 'POST',
    path: '/api/webhooks/deliveries/:id/retry',
    tag: 'webhooks',
    summary: 'Send a delivery again, now and with the same message id; switches a target on that had answered 410',
    success: 202,
    answers: { 202: 'it is sent', 404: 'no such delivery', 422: 'its target is no longer declared' },
    handle({ runtime, params }) {
      const delivery = declared('id', () => runtime.webhooks.again(params.id ?? ''))
      if (!delivery)
        throw new ApiError(404, 'delivery_not_found', 'id: is not known; GET /api/webhooks/deliveries lists them')
      runtime.history.note({ type: 'action', text: `a webhook message was sent again (${delivery.id})` })
      return Response.json(delivery, { status: 202 })
    },
  },
  {
    method: 'POST',
    path: '/api/webhooks/test',
    tag: 'webhooks',
    summary: 'Send a message of the type `test` to one declared target, or to all',
    body: {
      type: 'object',
      additionalProperties: false,
      properties: { url: { type: ['string', 'null'], maxLength: 2048 } },
    },
    bodyOptional: true,
    example: { url: 'http://192.0.2.20:9000/spark' },
    success: 202,
    answers: { 202: 'it is sent', 422: 'no such target is declared' },
    handle({ runtime, body }) {
      const { url = null } = (body ?? {}) as { url?: string | null }
      const deliveries = declared('/url', () => runtime.webhooks.test(url))
      return Response.json({ message: deliveries[0]?.message ?? null, deliveries }, { status: 202 })
    },
  },
]

function stateOf(url: URL): DeliveryState | undefined {
  const text = url.searchParams.get('state')
  if (text === null) return undefined
  const state = deliveryStates.find((each) => each === text)
  if (!state) throw wrongParameter('state', `is not one of ${deliveryStates.join(', ')}`)
  return state
}

function declared<Result>(param: string, act: () => Result): Result {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof UndeclaredError)) throw error
    throw new ApiError(
      422,
      'webhook_not_declared',
      'url: is no declared target; declare it under webhooks in spark.config.yaml',
      { param },
    )
  }
}
