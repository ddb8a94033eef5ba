import { type Clock, systemClock } from '../clock'
import type { AttentionView } from '../cluster/snapshot'
import type { Service } from '../config/cluster'
import type { Lock } from '../coordination/lock'
import type { Journal } from '../jobs/journal'
import { launchHosts } from '../launchers/container'
import type { Arbiter } from './arbiter'
import type { Durations } from './durations'
import { enoughFailures } from './launch-ends'
import type { Load, Loads } from './loads'
import { estimate } from './plan'
import { type Resumption, resumption } from './resumption'
import type { SwapSight } from './steps/step'
import type { SwapRequest } from './swap-request'

export interface ResumerOptions {
  /** The services that models are swapped into; those with `resume: true` are watched. */
  services: readonly Service[]
  observed: Pick<SwapSight, 'host' | 'service' | 'serves'>
  loads: Pick<Loads, 'of'>
  arbiter: Pick<Arbiter, 'start' | 'current' | 'failures'>
  journal: Pick<Journal, 'swapsOf' | 'request'>
  durations: Pick<Durations, 'usual'>
  lock: Pick<Lock, 'view'>
  clock?: Clock
  /** ms before each try. */
  pauses?: readonly number[]
  log(event: string, error: unknown): void
}

export interface Resumer {
  /** Begins to watch; not while another runtime does. */
  start(): void
  /** What it waits for, and what it has given up. */
  attention(): AttentionView[]
  close(): void
}

const lookEveryMs = 2000

/** Loads the last good model again after a power cut, in services with `resume: true`; what it has tried is in the journal. */
export function resumer(options: ResumerOptions): Resumer {
  const { observed, loads, arbiter, journal, durations, lock, clock = systemClock, pauses, log } = options
  const services = options.services.filter(({ options }) => options.resume === true)
  const readySince = new Map<string, number>()
  const shown = new Map<string, AttentionView>()
  let callOff = () => {}

  function look() {
    callOff = clock.after(lookEveryMs, look)
    for (const service of services) {
      try {
        attend(service)
      } catch (error) {
        // A disk that fails once must not end the watching.
        log('resume', error)
      }
    }
  }

  function attend(service: Service) {
    const load = loads.of(service.id)
    const next = load ? decide(service, load) : ({ kind: 'nothing' } as const)
    if (next.kind === 'nothing') readySince.delete(service.id)
    else if (!readySince.has(service.id)) readySince.set(service.id, clock.rising())
    show(service, next)
    if (next.kind === 'load' && load) begin(service, load)
  }

  function decide(service: Service, load: Load): Resumption {
    const since = readySince.get(service.id)
    const current = arbiter.current()
    return resumption(
      {
        service,
        load,
        seen: observed.service(service.id)?.state ?? 'unknown',
        serves: (observed.serves(service.id)?.length ?? 0) > 0,
        hosts: launchHosts(load.order.recipe, service).flatMap(({ id }) => observed.host(id) ?? []),
        swaps: () => journal.swapsOf(service.id, 'resume', load.at),
        swapping: current !== null && current.ended_at === null,
        lock: lock.view(),
        failedTooOften: arbiter.failures(load.order.recipe, service.id) >= enoughFailures,
        readyMs: since === undefined ? 0 : clock.rising() - since,
        now: clock.now(),
      },
      pauses,
    )
  }

  function show(service: Service, next: Resumption) {
    if (next.kind !== 'wait' && next.kind !== 'given_up') return void shown.delete(service.id)
    const severity = next.kind === 'wait' ? 'info' : 'warning'
    const since = observed.service(service.id)?.since ?? null
    shown.set(service.id, { severity, subject: `service:${service.id}`, text: next.text, remedy: next.remedy, since })
  }

  function begin(service: Service, load: Load) {
    const { recipe } = load.order
    try {
      arbiter.start({
        service,
        order: { ...load.order, service },
        stops: [{ service, recipe }],
        back: [],
        usual: durations.usual(recipe.id, service.id) ?? planned(load) ?? estimate(recipe, { found: {}, loaded: null }),
        by: 'resume',
      })
    } catch (error) {
      // Somebody was quicker, or took the lock; it is looked at again.
      log('resume', error)
    }
  }

  /** Seconds that were expected of the swap that loaded it; null where that one loaded something else, or is forgotten. */
  function planned({ job, recipe }: Load): number | null {
    const asked = journal.request(job) as SwapRequest | null
    return asked?.recipe === recipe ? asked.eta_s : null
  }

  return {
    start() {
      callOff()
      if (services.length > 0) look()
    },
    attention: () => [...shown.values()],
    close: () => callOff(),
  }
}
