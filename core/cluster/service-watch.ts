import type { Service } from '../config/cluster'
import type { LiveHost } from './hosts'
import type { Observed } from './observed'
import { pause } from './pause'
import { type PortState, portWatch } from './port-watch'
import { type Ask, asker, type Outcome, type Probe, patientAsker, runProbe } from './probe'
import type { Elsewhere } from './service-state'

export interface ServiceWatchOptions {
  service: Service
  probe: Probe
  live: LiveHost | undefined
  observed: Observed
  signal: AbortSignal
  /** Looks for a service that is not where it should be; null when nothing was found. */
  search(service: Service): Promise<Elsewhere | null>
  everyMs: number
}

export interface ServiceWatch {
  /** Looks now instead of at the next turn. */
  look(): Promise<void>
  /** The way to the host fell or is back: what was asked before is dropped, and it is asked anew. */
  linkChanged(): void
}

const searchEveryMs = 30_000
const searchAfterMisses = 3

/** Watches one service until aborted: whether its port opens, and what it answers there. */
export function serviceWatch(options: ServiceWatchOptions): ServiceWatch {
  const { service, probe, live, observed, signal, everyMs } = options
  let port: PortState | null = null
  let linked = false
  let refusedAt = 0
  let searchedAt = Number.NEGATIVE_INFINITY
  let asking: { ask: Ask; end: AbortController } | null = null
  let soon = new AbortController()

  const tryPort = portWatch(place, signal, (state) => {
    // A question that began while the port was shut may hang for as long as TCP's timer has grown.
    if (port !== 'open') askAnew()
    port = state
    if (state === 'refused') refused()
    else soon.abort()
  })

  function place() {
    const address = live?.address
    return address && service.port > 0 ? { address, port: service.port } : null
  }

  function refused() {
    refusedAt = performance.now()
    askAnew()
    observed.probe(service, { kind: 'refused' })
  }

  function askAnew() {
    asking?.end.abort()
    asking = null
  }

  function newQuestions(address: string) {
    const end = new AbortController()
    // Over a dead link nothing will come; whether the service can still be asked must be known soon.
    const waitMs = live?.link.state === 'up' ? 5000 : 1000
    const ask = asker(address, service.port, waitMs, AbortSignal.any([signal, end.signal]))
    return { end, ask: patientAsker(ask, { waitMs }) }
  }

  async function look(): Promise<boolean> {
    const address = live?.address
    if (!address) return false
    const began = performance.now()
    asking ??= newQuestions(address)
    const mine = asking
    const outcome = await runProbe(probe, address, service, mine.ask)
    if (signal.aborted) return true
    if (outcome.kind === 'refused') refused()
    // What began before the port closed, or the link came back, tells of what is past.
    else if (began < refusedAt) return true
    else if (mine.end.signal.aborted) return look()
    else observed.probe(service, outcome.kind === 'timeout' && port === 'silent' ? { kind: 'unreachable' } : outcome)
    void searchFor(outcome)
    return true
  }

  /** A service that is not found where it is declared may be next door; looking is dear, so it is done seldom. */
  async function searchFor(outcome: Outcome) {
    const lost = outcome.kind === 'refused' || outcome.kind === 'broken' || isDown(outcome)
    if (!lost) return observed.elsewhere(service, null)
    if (observed.misses(service.id) < searchAfterMisses || live?.link.state !== 'up') return
    if (performance.now() - searchedAt < searchEveryMs) return
    searchedAt = performance.now()
    const found = await options.search(service).catch(() => null)
    if (!signal.aborted) observed.elsewhere(service, found)
  }

  async function forever() {
    while (!signal.aborted) {
      // The address of a name is not known at once.
      const looked = await look()
      soon = new AbortController()
      await pause(looked ? everyMs : 20, AbortSignal.any([signal, soon.signal]))
    }
  }

  void forever()
  return {
    async look() {
      tryPort()
      await look()
    },
    linkChanged() {
      const now = live?.link.state === 'up'
      if (now === linked) return
      linked = now
      askAnew()
      tryPort()
      soon.abort()
    },
  }
}

function isDown(outcome: Outcome): boolean {
  return outcome.kind === 'answered' && outcome.finding.state === 'down'
}
