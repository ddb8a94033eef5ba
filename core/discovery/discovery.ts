import type { ControllerKey } from '../cluster/controller-key'
import { type LiveHost, liveHost } from '../cluster/hosts'
import { needsPerson, neverTried } from '../cluster/link'
import { pause } from '../cluster/pause'
import type { Host } from '../config/cluster'
import type { FoundSpark } from './found'
import { look } from './look'
import type { Target } from './target'

/** A look at Sparks that were named: goes on by itself, while somebody asks for it, until each has let this controller in. */
export interface Discovery {
  /** Looks at these; what was looked at before is forgotten. */
  begin(targets: Target[]): void
  /** Goes on with those that were seen. */
  dropUnseen(): void
  /** What is known now; empty before the first look. While somebody asks, a Spark that refused is tried again now and then. */
  sparks(): FoundSpark[]
  /** Resolves when every Spark was seen, and at the latest after `patienceMs`; earlier where a person has to act first. */
  settled(patienceMs: number): Promise<void>
  close(): void
}

interface Visit {
  spark: FoundSpark
  live: LiveHost
  /** Ends what goes on for this Spark. */
  stop: AbortController
  tries: number
  triedAt: number
}

export interface DiscoveryOptions {
  /** How long it goes on while nobody looks: a page that was closed must not knock for ever. */
  unwatchedMs?: number
}

// sshd 9.8 and later shuts out who goes on failing more often than every 5 s; a few quick tries it lets pass.
const retryMs = (tries: number) => Math.min(6000, 2000 + 1000 * tries)
const beatMs = 250

/** Looks only where it was asked to, and pins no host key: that begins with the configuration that comes of it. */
export function discovery(key: ControllerKey, { unwatchedMs = 10 * 60_000 }: DiscoveryOptions = {}): Discovery {
  let visits: Visit[] = []
  let watchedAt = performance.now()
  let beat: ReturnType<typeof setInterval> | undefined
  const closed = new AbortController()

  function begin(targets: Target[]) {
    for (const visit of visits) end(visit)
    watchedAt = performance.now()
    visits = targets.map((target, index) =>
      begun({ id: `spark-${index + 1}`, target, resolved: null, link: neverTried, fingerprint: null, seen: null }),
    )
    clearInterval(beat)
    beat = setInterval(goOn, beatMs)
    beat.unref()
  }

  function begun(spark: FoundSpark): Visit {
    const pins = {
      pinned: () => null,
      pin(_: string, fingerprint: string) {
        spark.fingerprint = fingerprint
      },
    }
    const onLink = (_: Host, link: FoundSpark['link']) => {
      if (spark.seen === null) spark.link = link
    }
    const live = liveHost(hostOf(spark.target, spark.id), { key, hostKeys: pins, onLink })
    const visit = { spark, live, stop: new AbortController(), tries: 0, triedAt: performance.now() }
    void visited(visit)
    return visit
  }

  async function visited({ spark, live, stop: { signal } }: Visit) {
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

  function end({ live, stop }: Visit) {
    stop.abort()
    live.close()
  }

  /** Rests while nobody looks, and goes on when somebody does again. */
  function goOn() {
    const unseen = visits.filter(({ spark }) => spark.seen === null)
    if (unseen.length === 0) clearInterval(beat)
    else if (performance.now() - watchedAt > unwatchedMs) unseen.filter(({ stop }) => !stop.signal.aborted).forEach(end)
    else {
      visits = visits.map((visit) => (visit.stop.signal.aborted ? begun(visit.spark) : visit))
      visits.forEach(tryAgain)
    }
  }

  function tryAgain(visit: Visit) {
    const now = performance.now()
    if (visit.spark.seen !== null || !needsPerson(visit.live.link) || now - visit.triedAt < retryMs(visit.tries)) return
    visit.triedAt = now
    visit.tries++
    visit.live.retry()
  }

  return {
    begin,
    dropUnseen() {
      for (const visit of visits) if (visit.spark.seen === null) end(visit)
      visits = visits.filter(({ spark }) => spark.seen !== null)
    },
    sparks() {
      watchedAt = performance.now()
      return visits.map(({ spark, live }) => ({ ...spark, resolved: spark.resolved ?? live.address }))
    },
    async settled(patienceMs) {
      const until = performance.now() + patienceMs
      const open = () => visits.some(({ spark, live }) => spark.seen === null && !needsPerson(live.link))
      while (open() && performance.now() < until && !closed.signal.aborted) await pause(50, closed.signal)
    },
    close() {
      closed.abort()
      clearInterval(beat)
      for (const visit of visits) end(visit)
    },
  }
}

function hostOf({ user, address, sshPort }: Target, id: string): Host {
  return { id, title: id, address, sshPort, user, launcher: null, fabric: null, models: [], reserveBytes: 0 }
}
