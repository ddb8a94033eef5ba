import type { ControllerKey } from '../cluster/controller-key'
import { type LiveHost, liveHost } from '../cluster/hosts'
import { needsPerson, neverTried } from '../cluster/link'
import { pause } from '../cluster/pause'
import type { Host } from '../config/cluster'
import type { FoundSpark } from './found'
import { look } from './look'
import type { Target } from './target'

/** A look at Sparks that were named: goes on by itself until each has let this controller in. */
export interface Discovery {
  /** Looks at these; what was looked at before is forgotten. */
  begin(targets: Target[]): void
  /** Goes on with those that were seen. */
  dropUnseen(): void
  /** What is known now; empty before the first look. Whoever asks also makes a refused Spark be tried again. */
  sparks(): FoundSpark[]
  /** Resolves when every Spark was seen, and at the latest after `patienceMs`; earlier where a person has to act first. */
  settled(patienceMs: number): Promise<void>
  close(): void
}

interface Visit {
  spark: FoundSpark
  live: LiveHost
  tries: number
  triedAt: number
}

// sshd 9.8 and later shuts out who goes on failing more often than every 5 s; a few quick tries it lets pass.
const retryMs = (tries: number) => Math.min(6000, 2000 + 1000 * tries)
/** A page that nobody looks at any more must not knock for ever. */
const unwatchedMs = 10 * 60_000

/** Looks only where it was asked to, and pins no host key: that begins with the configuration that comes of it. */
export function discovery(key: ControllerKey): Discovery {
  let visits: Visit[] = []
  let stop = new AbortController()
  let askedAt = Date.now()

  function begin(targets: Target[]) {
    close()
    stop = new AbortController()
    askedAt = Date.now()
    visits = targets.map((target, index) => begun(target, `spark-${index + 1}`))
    for (const visit of visits) void visited(visit, stop.signal)
  }

  function begun(target: Target, id: string): Visit {
    const spark: FoundSpark = { id, target, resolved: null, link: neverTried, fingerprint: null, seen: null }
    const pins = {
      pinned: () => null,
      pin(_: string, fingerprint: string) {
        spark.fingerprint = fingerprint
      },
    }
    const onLink = (_: Host, link: FoundSpark['link']) => {
      if (spark.seen === null) spark.link = link
    }
    return { spark, live: liveHost(hostOf(target, id), { key, hostKeys: pins, onLink }), tries: 0, triedAt: Date.now() }
  }

  async function visited({ spark, live }: Visit, signal: AbortSignal) {
    while (!signal.aborted && spark.seen === null) {
      try {
        await live.ready(signal)
        spark.resolved = live.address
        spark.seen = await look(live)
      } catch {
        // The link tells why; a Spark that stumbles is looked at again.
        await pause(1000, signal)
      }
    }
    live.close()
  }

  function tryAgain() {
    const now = Date.now()
    for (const visit of visits) {
      const { spark, live } = visit
      if (spark.seen !== null || !needsPerson(live.link) || now - visit.triedAt < retryMs(visit.tries)) continue
      visit.triedAt = now
      visit.tries++
      live.retry()
    }
  }

  function watched() {
    askedAt = Date.now()
    if (stop.signal.aborted) return
    tryAgain()
  }

  const idle = setInterval(() => {
    if (Date.now() - askedAt > unwatchedMs) close()
  }, 30_000)
  idle.unref()

  function close() {
    stop.abort()
    for (const { live } of visits) live.close()
  }

  return {
    begin,
    dropUnseen() {
      for (const { spark, live } of visits) if (spark.seen === null) live.close()
      visits = visits.filter(({ spark }) => spark.seen !== null)
    },
    sparks() {
      watched()
      return visits.map(({ spark, live }) => ({ ...spark, resolved: spark.resolved ?? live.address }))
    },
    async settled(patienceMs) {
      const until = performance.now() + patienceMs
      const open = () => visits.some(({ spark, live }) => spark.seen === null && !needsPerson(live.link))
      while (open() && performance.now() < until) await pause(50, stop.signal)
    },
    close() {
      clearInterval(idle)
      close()
    },
  }
}

function hostOf({ user, address, sshPort }: Target, id: string): Host {
  return { id, title: id, address, sshPort, user, launcher: null, fabric: null }
}
