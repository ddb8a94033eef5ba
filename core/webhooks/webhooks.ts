import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '../clock'
import type { Change } from '../cluster/observed'
import type { AttentionView } from '../cluster/snapshot'
import type { Cluster, WebhookTarget } from '../config/cluster'
import type { Hub } from '../events/hub'
import type { JobView } from '../jobs/job'
import type { Log } from '../log'
import type { Secrets } from '../secrets/secrets'
import type { Store } from '../store/store'
import { type DeliveryRow, deliveries, type ListQuery } from './deliveries'
import { type DeliveryState, type DeliveryView, shownUrl, type TargetView } from './delivery'
import { obstacle, undeclared } from './obstacle'
import { addMessage, type Outbox, outbox } from './outbox'
import { type SenderOptions, sender } from './sender'
import { switchedOff } from './switched-off'
import { tellStates } from './tell-states'
import { troubleOf } from './trouble'

export interface WebhooksOptions extends Pick<SenderOptions, 'controlPort' | 'post' | 'random'> {
  cluster: Pick<Cluster, 'webhooks' | 'hosts'>
  store: Store
  secrets: Pick<Secrets, 'get'>
  hub: Pick<Hub, 'publish'>
  log: Pick<Log, 'warn'>
  /** The newest jobs, and all that run. */
  jobs(): JobView[]
  clock?: Clock
}

/** Who outside is told what happens here. */
export interface Webhooks {
  readonly outbox: Outbox
  /** Takes in every change of a host's or service's state. */
  changed(change: Change): void
  /** Begins to send; one alone on a store may. */
  start(): void
  /** Ceases to send and to tell; may be started again. */
  close(): void
  targets(): TargetView[]
  /** Newest first. @param before only those before this id */
  list(query: { limit: number; before?: string; state?: DeliveryState }): DeliveryView[]
  get(id: string): DeliveryView | null
  /** Sends a delivery now, whatever became of it, and switches its target on. @throws {UndeclaredError} */
  again(id: string): DeliveryView | null
  /** Sends a message of the type `test` to one target, by its address as declared or as shown, or to all. @throws {UndeclaredError} */
  test(url: string | null): DeliveryView[]
  attention(): AttentionView[]
}

/** The target is not in the configuration. */
export class UndeclaredError extends Error {
  override name = 'UndeclaredError'
}

/** Outbox, sender and what is told of states, over one list of targets. */
export function webhooks(options: WebhooksOptions): Webhooks {
  const { cluster, store, secrets, hub, log, jobs, clock = systemClock } = options
  const targets = cluster.webhooks
  const kept = deliveries(store)
  const off = switchedOff(store)
  const trouble = troubleOf(kept)
  const sends = sender({ ...options, clock, targets, kept, off, onAttempt: changedDelivery })
  const box = outbox({ store, clock, targets, onAdd: () => sends.wake() })
  const failed = (error: unknown) => log.warn('webhook', { error: String(error) })
  const states = tellStates({ outbox: box, store, hosts: cluster.hosts, jobs, clock, onError: failed })
  const declared = (url: string) => targets.find((each) => each.url === url)
  const obstacleOf = (target: WebhookTarget) => obstacle(target, secrets, off)

  function changedDelivery(id: number) {
    const row = kept.get(id)
    if (!row) return
    trouble.forget(row.url)
    hub.publish('webhook', view(row))
  }

  function view({ id, url, state, due, at, tries: _, ...row }: DeliveryRow): DeliveryView {
    const target = declared(url)
    const waitsFor = state !== 'pending' ? null : target ? obstacleOf(target) : undeclared
    return {
      ...row,
      id: `delivery-${id}`,
      at: new Date(at).toISOString(),
      url: shownUrl(url),
      state: waitsFor ? 'waiting' : state,
      reason: waitsFor?.text ?? null,
      next_at: state === 'pending' && !waitsFor ? new Date(due).toISOString() : null,
    }
  }

  function row(id: string) {
    const number = deliveryNumber(id)
    return number === null ? null : kept.get(number)
  }

  function switchOn(target: WebhookTarget) {
    off.remove(target)
    trouble.forget(target.url)
  }

  return {
    outbox: box,
    changed: states.changed,
    start: sends.start,
    close() {
      states.close()
      sends.close()
    },
    targets: () => targets.map((target) => ({ ...target, url: shownUrl(target.url), obstacle: obstacleOf(target) })),
    list({ limit, before, state }) {
      const query: ListQuery = { limit, before: deliveryNumber(before ?? '') ?? undefined }
      if (state === undefined) return kept.list(query).map(view)
      if (state === 'delivered' || state === 'dead') return kept.list({ ...query, state }).map(view)
      const free = targets.filter((target) => !obstacleOf(target)).map(({ url }) => url)
      return kept.list({ ...query, state: 'pending', urls: { among: state === 'pending', list: free } }).map(view)
    },
    get(id) {
      const found = row(id)
      return found && view(found)
    },
    again(id) {
      const found = row(id)
      if (!found) return null
      const target = declared(found.url)
      if (!target) throw new UndeclaredError(undeclared.text)
      store.transaction(() => {
        kept.again(found.id, clock.now())
        switchOn(target)
      })()
      changedDelivery(found.id)
      sends.wake(found.id)
      return row(id) && view(row(id) ?? found)
    },
    test(url) {
      const meant = targets.filter((target) => url === null || target.url === url || shownUrl(target.url) === url)
      if (meant.length === 0) throw new UndeclaredError(undeclared.text)
      const event = `test:${randomUUID()}`
      store.transaction(() => {
        addMessage(store, clock, { event, type: 'test', data: {}, at: clock.now() }, meant)
        for (const target of meant) switchOn(target)
      })()
      sends.wake()
      return kept.list({ limit: meant.length }).map(view).reverse()
    },
    attention: () => targets.flatMap((target) => trouble.of(target, obstacleOf(target)) ?? []),
  }
}

/** The number in `delivery-17`; null where it is no such id. */
export function deliveryNumber(id: string): number | null {
  const number = /^delivery-([1-9]\d{0,14})$/.exec(id)?.[1]
  return number === undefined ? null : Number(number)
}
