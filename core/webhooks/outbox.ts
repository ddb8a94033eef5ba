import { createHash } from 'node:crypto'
import { type Clock, systemClock } from '../clock'
import type { WebhookTarget } from '../config/cluster'
import type { WebhookType } from '../config/webhook-types'
import type { Store } from '../store/store'
import { payload } from './payload'

export { type WebhookType, webhookTypes } from '../config/webhook-types'

/** What is to be told to every declared target. */
export interface Outbox {
  /**
   * Puts an event into the outbox, in the transaction of the caller if there is one; sent once that is committed.
   * @param event names the event itself, as `swap_complete:swap-1`: added twice it stays one message with one id
   * @param at when it happened, ms since the epoch; now when left out
   */
  add(event: string, type: WebhookType, data: Record<string, unknown>, at?: number): void
}

export interface OutboxOptions {
  store: Store
  clock?: Clock
  /** Whom a message goes to is decided when it is added: a target declared later gets none of the older ones. */
  targets?: readonly WebhookTarget[]
  /** Told of every new message, before the caller's transaction is committed. */
  onAdd?(): void
}

/** Owns the table `webhook_messages`; the id of a message is made of its event's name, so that not even a restored backup gives it another. */
export function outbox({ store, clock = systemClock, targets = [], onAdd = () => {} }: OutboxOptions): Outbox {
  return {
    add(event, type, data, at = clock.now()) {
      const wanted = targets.filter(({ events }) => events.length === 0 || events.includes(type))
      if (addMessage(store, clock, { event, type, data, at }, wanted) !== null) onAdd()
    },
  }
}

export interface NewMessage {
  /** Names the event for ever. */
  event: string
  type: WebhookType | 'test'
  data: Record<string, unknown>
  /** ms since the epoch. */
  at: number
}

/** Adds a message with a delivery to each target, all or nothing; its id, or null where the event was told before. */
export function addMessage(
  store: Store,
  clock: Clock,
  { event, type, data, at }: NewMessage,
  targets: readonly WebhookTarget[],
): string | null {
  const id = messageId(event)
  const add = store.transaction(() => {
    const row = store
      .query(
        `INSERT INTO webhook_messages (id, type, at, payload) VALUES ($id, $type, $at, '')
          ON CONFLICT (id) DO NOTHING RETURNING sequence`,
      )
      .get({ id, type, at: Math.round(at) }) as { sequence: number } | null
    if (!row) return null
    const { sequence } = row
    const text = payload({ type, timestamp: new Date(at).toISOString(), sequence, data })
    store.query('UPDATE webhook_messages SET payload = $text WHERE sequence = $sequence').run({ text, sequence })
    const deliver = store.query('INSERT INTO webhook_deliveries (message, url, due) VALUES ($sequence, $url, $due)')
    for (const { url } of targets) deliver.run({ sequence, url, due: Math.round(clock.now()) })
    return id
  })
  return add()
}

function messageId(event: string): string {
  return `msg_${createHash('sha256').update(event).digest('hex').slice(0, 32)}`
}
