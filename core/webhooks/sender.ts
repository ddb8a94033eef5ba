import { type Clock, systemClock } from '../clock'
import type { WebhookTarget } from '../config/cluster'
import type { Log } from '../log'
import type { Secrets } from '../secrets/secrets'
import type { Store } from '../store/store'
import { surely } from '../store/surely'
import { type Deliveries, deliveries } from './deliveries'
import { shownUrl } from './delivery'
import { type Lane, lane } from './lane'
import { obstacle } from './obstacle'
import { outcomeOf } from './outcome'
import { post as overTheNet } from './post'
import { signedHeaders } from './signature'
import { type SwitchedOff, switchedOff } from './switched-off'
import { TargetError, targetAddress } from './target-address'
import { type Verdict, verdict } from './verdict'
import { waitAfter } from './waits'

export interface SenderOptions {
  store: Store
  targets: readonly WebhookTarget[]
  secrets: Pick<Secrets, 'get'>
  log: Pick<Log, 'warn'>
  clock?: Clock
  kept?: Deliveries
  off?: SwitchedOff
  /** Where this controller listens: nothing is sent there. */
  controlPort?(): number | null
  post?: typeof overTheNet
  random?(): number
  /** Told of every delivery after an attempt. */
  onAttempt?(id: number): void
}

/** Sends what lies in the outbox, at least once, with nobody waiting for it. */
export interface Sender {
  start(): void
  /** There may be something to send. @param id of a delivery that is to be sent now, whatever was planned for it */
  wake(id?: number): void
  /** Ends; what was on its way is sent again by the next one that starts. */
  close(): void
}

const pruneMs = 3600_000

/** One lane for each target; only one sender may be started on a store at a time. */
export function sender(options: SenderOptions): Sender {
  const {
    store,
    targets,
    secrets,
    log,
    clock = systemClock,
    kept = deliveries(store),
    off = switchedOff(store),
    controlPort = () => null,
    post = overTheNet,
    random = Math.random,
    onAttempt = () => {},
  } = options
  let callOffPrune = () => {}
  let running: { lanes: Lane[]; ended: AbortController } | null = null

  function start() {
    if (running) return
    const ended = new AbortController()
    const { signal } = ended
    const lanes = targets.map((target) =>
      lane({
        target,
        deliveries: kept,
        clock,
        signal,
        blocked: () => obstacle(target, secrets, off) !== null,
        attempt: (id) => attempt(target, id, signal),
        onError: (error) => log.warn('webhook', { target: shownUrl(target.url), error: String(error) }),
      }),
    )
    running = { lanes, ended }
    prune()
  }

  async function attempt(target: WebhookTarget, id: number, signal: AbortSignal): Promise<number | null> {
    const row = kept.get(id)
    const body = kept.payload(id)
    if (row?.state !== 'pending' || body === null) return null
    const at = clock.now()
    const began = clock.rising()
    const { status, ...found } = await send(target, row.message, body, signal)
    if (signal.aborted) return null
    const ms = Math.round(clock.rising() - began)
    const wait = found.end === 'failed' ? waitAfter(row.tries + 1, found.askedMs, random()) : null
    const outcome = outcomeOf(row.tries, found, { at, ms, status, wait, now: clock.now() })
    const record = store.transaction(() => {
      const { state, tries, due } = kept.get(id) ?? row
      const renewed = tries !== row.tries || due !== row.due
      // A person sent it again meanwhile: that stands, whatever became of this attempt.
      const attempt = { ...outcome.attempt, next_at: new Date(due).toISOString() }
      kept.attempted(id, renewed ? { state, tries, due, attempt } : outcome)
      if (found.end === 'gone' && !renewed) off.add(target)
      return renewed
    })
    const trouble = (error: unknown) => log.warn('webhook', { message: row.message, error: String(error) })
    // It arrived or not: to send it again only because the disk is full would help nobody.
    const renewed = await surely(record, clock, signal, trouble)
    if (!renewed && (outcome.state === 'dead' || found.end === 'gone'))
      log.warn('webhook', { target: shownUrl(target.url), message: row.message, error: found.error })
    onAttempt(id)
    return renewed || found.end === 'gone' ? 0 : wait
  }

  async function send(
    target: WebhookTarget,
    id: string,
    body: string,
    signal: AbortSignal,
  ): Promise<Verdict & { status: number | null }> {
    try {
      const secret = secrets.get(target.secret) ?? ''
      const headers = signedHeaders({ id, at: Math.floor(clock.now() / 1000), body }, secret)
      if (!headers) throw new TargetError(`the secret ${target.secret} holds no key`)
      const url = new URL(target.url)
      const address = await targetAddress(url, controlPort(), clock)
      const answer = await post({ url, address, headers, body, clock, signal })
      return { ...verdict(answer, clock.now()), status: answer.status }
    } catch (error) {
      if (!(error instanceof TargetError)) throw error
      return { end: 'failed', error: error.message, askedMs: null, status: null }
    }
  }

  function prune() {
    try {
      kept.prune(clock.now())
    } catch (error) {
      log.warn('webhook', { error: String(error) })
    }
    callOffPrune = clock.after(pruneMs, prune)
  }

  return {
    start,
    wake(id) {
      for (const each of running?.lanes ?? []) each.wake(id)
    },
    close() {
      callOffPrune()
      running?.ended.abort()
      running = null
    },
  }
}
