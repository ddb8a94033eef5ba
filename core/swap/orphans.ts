import type { AttentionView, HostView } from '../cluster/snapshot'
import type { Host, Service } from '../config/cluster'
import { containerOf } from '../launchers/container'
import type { Slot } from './steps/step'

/** A model's container that belongs to nothing which is loaded or being loaded. */
export interface Orphan {
  host: string
  container: string
  /** The service whose container it would be. */
  service: string
  /** For a person: why it belongs to nothing. */
  why: string
  /** RFC 3339: when it was started; null where that is not known. */
  since: string | null
}

export interface OrphanState {
  hosts: readonly HostView[]
  /** Every declared service: a container of the same name may be another's. */
  services: readonly Service[]
  /** Ids of those whose models are swapped. */
  swappable: readonly string[]
  /** What is loaded; null for the Sparks of what nobody knows. */
  loaded: readonly { service: string; nodes: number | null }[]
  /** Ids of services whose model is being changed. */
  changing: readonly string[]
}

/**
 * Containers with the name of a model service's that are left over on some Spark: of a worker whose head has died, on a Spark
 * that the loaded model does not use, or that the service does not even list. What cannot be told is no orphan.
 */
export function orphans({ hosts, services, swappable, loaded, changing }: OrphanState): Orphan[] {
  return hosts.flatMap(({ id, facts, state }) => {
    if (state !== 'up') return []
    const alive = (facts?.containers ?? []).filter((each) => isAlive(each.state))
    return alive.flatMap(({ name, started_at: since }): Orphan[] => {
      const owner = ownerOf(name, id)
      const why = owner && whyNobodys(owner, id)
      return why ? [{ host: id, container: name, service: owner.id, why, since }] : []
    })
  })

  /** The model service that this container would be of; null where it is that of another service, or of none. */
  function ownerOf(container: string, host: string): Service | null {
    const named = services.filter((each) => nameIn(each) === container)
    const here = named.find((each) => each.hosts.some(({ id }) => id === host))
    const owner = here ?? named.find(isModel)
    return owner && isModel(owner) && !owner.disabled ? owner : null
  }

  function nameIn(service: Service): string | null {
    return isModel(service) ? containerOf(service) : service.container
  }

  function isModel({ id }: Service): boolean {
    return swappable.includes(id)
  }

  function whyNobodys(service: Service, host: string): string | null {
    const at = service.hosts.findIndex(({ id }) => id === host)
    if (at === -1) return `${service.title} does not run on this Spark`
    // Of a head nothing tells whether somebody loads a model there by hand.
    if (at === 0 || changing.includes(service.id)) return null
    const running = loaded.find((each) => each.service === service.id)
    if (running) return running.nodes !== null && at >= running.nodes ? `what is loaded does not use this Spark` : null
    const head = hosts.find(({ id }) => id === service.hosts[0]?.id)
    // A Spark that does not answer, or whose docker does not, says nothing of what runs there.
    if (head?.state !== 'up' || head.cause !== null || !head.facts) return null
    const begun = head.facts.containers.some(({ name, state }) => name === containerOf(service) && isAlive(state))
    return begun ? null : `nothing of ${service.title} runs on ${head.title}, its head`
  }
}

/** The same slots, with the Sparks on which something of theirs is left over beside those that their services list. */
export function withStrays(slots: readonly Slot[], found: readonly Orphan[], hosts: readonly Host[]): Slot[] {
  return slots.map(({ service, recipe }) => {
    const stray = hosts.filter(({ id }) => found.some((each) => each.service === service.id && each.host === id))
    const more = stray.filter(({ id }) => service.hosts.every((host) => host.id !== id))
    return { service: more.length > 0 ? { ...service, hosts: [...service.hosts, ...more] } : service, recipe }
  })
}

/** For the log of what ends it. */
export function orphanWords({ host, container, why }: Orphan): string {
  return `ending what is left over on ${host}: container ${container} (${why})`
}

/** The same for a person. */
export function orphanAttention(found: readonly Orphan[], titleOf: (host: string) => string): AttentionView[] {
  return found.map(({ host, container, why, since }) => ({
    severity: 'warning',
    subject: `host:${host}`,
    text: `${titleOf(host)}: container ${container} is left over and may hold memory: ${why}`,
    remedy: 'end it on the page of that Spark; a swap of that service ends it too',
    since,
  }))
}

// One that has ended holds no memory, and the next start takes it away.
function isAlive(state: string): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting'
}
