import type { HostView, LockView, ServiceState } from '../cluster/snapshot'
import type { Service } from '../config/cluster'
import type { JobView } from '../jobs/job'
import { containerOf, launchHosts } from '../launchers/container'
import type { Load } from './loads'

/** What is to be done for a model that should run and does not since its Spark restarted. */
export type Resumption =
  /** Nothing restarted, or a person decides: it was unloaded, cancelled, or something else runs there. */
  | { kind: 'nothing' }
  | { kind: 'wait'; text: string; remedy: string }
  | { kind: 'load'; attempt: number }
  | { kind: 'given_up'; text: string; remedy: string }

export interface ResumptionState {
  service: Service
  /** What the arbiter left in it. */
  load: Load | null
  /** How the service is seen, and whether it answers with a model. */
  seen: ServiceState
  serves: boolean
  hosts: readonly HostView[]
  /** Swaps, newest first. */
  swaps(): readonly JobView[]
  /** A swap runs, of whatever service. */
  swapping: boolean
  lock: LockView
  /** Launches of this recipe have failed so often lately that nothing goes by itself. */
  failedTooOften: boolean
  /** For how long already all but the waiting for it was as it has to be, ms. */
  readyMs: number
  /** ms since the epoch. */
  now: number
}

/** ms before each try: a Spark that has just started finds its drivers and its memory first, and what failed may be mended. */
export const usualPauses = [20_000, 60_000, 300_000]

/** Decides whether the last good model is loaded again after a power cut: at most three tries, with growing pauses. */
export function resumption(state: ResumptionState, pauses: readonly number[] = usualPauses): Resumption {
  const { service, load, seen, serves, hosts, swaps, swapping, lock, failedTooOften, readyMs, now } = state
  if (!load || serves || swapping) return { kind: 'nothing' }
  const used = launchHosts(load.order.recipe, service).map(({ id }) => hosts.find((each) => each.id === id))
  const restarted = used.filter((host) => host && hasRestarted(host, load))
  const there = used.every((host) => host?.state === 'up' && host.cause === null)
  if (restarted.length === 0 || !there || !isEmpty()) return { kind: 'nothing' }
  const tries = swaps().filter(({ by, service: on, recipe, created_at: at }) => {
    return by === 'resume' && on === service.id && recipe === load.recipe && Date.parse(at) >= load.at
  })
  const [last = null] = tries
  if (last?.state === 'cancelled') return { kind: 'nothing' }
  const name = load.order.recipe.name
  const why = `${service.title}: ${name} is no longer loaded since ${restarted.map((host) => host?.title).join(' and ')} restarted`
  if (tries.length >= pauses.length || failedTooOften) {
    const count = tries.length === 1 ? 'a try' : `${tries.length} tries`
    const failed = last
      ? `${count} to load it again failed: ${last.error?.message ?? 'unknown'}`
      : 'its loads failed lately'
    return {
      kind: 'given_up',
      text: `${why}, and ${failed}`,
      remedy: 'read the log of the last swap, then load it again under Models',
    }
  }
  if (lock.holder !== null)
    return { kind: 'wait', text: why, remedy: `it is loaded again once ${lock.holder} releases the lock` }
  const pause = pauses[tries.length] ?? 0
  const rested = last?.ended_at ? now - Date.parse(last.ended_at) : Infinity
  if (readyMs < Math.min(pause, pauses[0] ?? 0) || (rested >= 0 && rested < pause))
    return { kind: 'wait', text: why, remedy: 'it is loaded again by itself shortly' }
  return { kind: 'load', attempt: tries.length + 1 }

  // What is left of it, as a container that docker started again, is somebody's to decide about.
  function isEmpty(): boolean {
    const containers = used[0]?.facts?.containers ?? []
    const alive = containers.some(({ name, state }) => name === containerOf(service) && state === 'running')
    return (seen === 'stopped' || seen === 'down') && !alive
  }
}

function hasRestarted({ id, facts }: HostView, { boots }: Load): boolean {
  const [then, now] = [boots[id], facts?.boot_id ?? null]
  return then !== undefined && now !== null && then !== now
}
