import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WebhookTarget } from '../config/cluster'
import { hub } from '../events/hub'
import { openStore, type Store } from '../store/store'
import { post } from './post'
import { type Receiver, receiver } from './receiver.sample'
import { type VirtualClock, virtualClock } from './virtual-clock.sample'
import { type Webhooks, webhooks } from './webhooks'

export interface Stage {
  clock: VirtualClock
  secrets: Map<string, string>
  readonly store: Store
  /** Of the controller as it is now. */
  readonly hooks: Webhooks
  receiver(): Receiver
  /** Ends the controller as kill -9 does, and starts another on the same data with these targets. */
  again(targets: WebhookTarget[]): void
  kill(): void
  close(): Promise<void>
}

/** A store on disk, real receivers, and a clock that the test turns. */
export function stage(targetsOf: (receivers: Receiver[]) => WebhookTarget[], receivers = 1): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'spark-webhooks-'))
  const secrets = new Map([['KEY', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']])
  const open: Receiver[] = Array.from({ length: receivers }, () => receiver())
  let sending = 0
  let store = openStore(folder)

  /** Nothing is on its way but what a receiver keeps. */
  async function rest() {
    const calm = () => sending === open.reduce((sum, each) => sum + each.hanging, 0)
    for (let seen = 0; seen < 3; seen = calm() ? seen + 1 : 0) await Bun.sleep(1)
  }
  const clock = virtualClock(rest)

  function start(targets: WebhookTarget[]): Webhooks {
    const made = webhooks({
      cluster: { webhooks: targets, hosts: [] },
      store,
      secrets: { get: (name) => secrets.get(name) ?? null },
      hub: hub(),
      log: { warn: () => {} },
      jobs: () => [],
      clock,
      random: () => 0,
      async post(options) {
        sending++
        try {
          return await post(options)
        } finally {
          sending--
        }
      },
    })
    made.start()
    return made
  }

  let hooks = start(targetsOf(open))

  return {
    clock,
    secrets,
    get store() {
      return store
    },
    get hooks() {
      return hooks
    },
    receiver() {
      const made = receiver()
      open.push(made)
      return made
    },
    kill() {
      hooks.close()
      store.close()
    },
    again(targets) {
      store = openStore(folder)
      hooks = start(targets)
    },
    async close() {
      hooks.close()
      await Promise.all(open.map((each) => each.stop()))
      store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
