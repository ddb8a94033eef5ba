import type { AttentionView, ServiceView } from '../cluster/snapshot'
import type { JobView } from '../jobs/job'
import { touches } from './touches'

export interface ModelState {
  service: ServiceView
  /** What it serves now, as a person calls it; null while nothing. */
  model: string | null
  /** What the arbiter left in it, as a person calls it; null where nothing is to run there. */
  expected: string | null
}

/** Notices models that are gone though nobody unloaded them, as after a restart of their Spark. */
export function lostModels(now: () => number = Date.now) {
  // What somebody launched by hand the arbiter has not left there.
  const served = new Map<string, { model: string; at: number }>()

  /** @param swap the running or the last swap */
  return function lost(states: ModelState[], swap: JobView | null): AttentionView[] {
    return states.flatMap(({ service, model, expected }) => {
      const own = swap && touches(swap, service.id) ? swap : null
      if (model !== null) served.set(service.id, { model, at: now() })
      if (own?.ended_at && Date.parse(own.ended_at) >= (served.get(service.id)?.at ?? 0)) served.delete(service.id)
      const known = expected ?? served.get(service.id)?.model ?? null
      if (known === null || model !== null || service.state !== 'stopped') return []
      // How a swap that could not be brought to its end left it, that swap tells.
      if (own && (own.ended_at === null || own.state === 'needs_attention')) return []
      return [
        {
          severity: 'warning',
          subject: `service:${service.id}`,
          text: `${service.title}: ${known} is no longer loaded, and nobody unloaded it`,
          remedy: 'its Spark or its container was restarted: load it again under Models',
          since: service.since,
        },
      ]
    })
  }
}
