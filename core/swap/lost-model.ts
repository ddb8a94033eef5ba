import type { AttentionView, ServiceView } from '../cluster/snapshot'
import type { JobView } from '../jobs/job'

export interface ModelState {
  service: ServiceView
  /** What it serves now, as a person calls it; null while nothing. */
  model: string | null
}

/** Notices models that are gone though nobody unloaded them, as after a restart of their Spark. */
export function lostModels(now: () => number = Date.now) {
  const served = new Map<string, { model: string; at: number }>()

  /** @param swap the running or the last swap */
  return function lost(
    states: ModelState[],
    swap: JobView | null,
    nameOf: (recipe: string) => string,
  ): AttentionView[] {
    return states.flatMap(({ service, model }) => {
      const own = swap?.service === service.id ? swap : null
      if (model !== null) served.set(service.id, { model, at: now() })
      if (own?.ended_at && Date.parse(own.ended_at) >= (served.get(service.id)?.at ?? 0)) {
        // A swap has decided what runs; what it loaded may be gone again before it was seen.
        if (own.state !== 'done' || own.recipe === null) served.delete(service.id)
        else served.set(service.id, { model: nameOf(own.recipe), at: Date.parse(own.ended_at) })
      }
      const known = served.get(service.id)
      if (!known || model !== null || service.state !== 'stopped' || (own && own.ended_at === null)) return []
      return [
        {
          severity: 'warning',
          subject: `service:${service.id}`,
          text: `${service.title}: ${known.model} is no longer loaded, and nobody unloaded it`,
          remedy: 'its Spark or its container was restarted: load it again under Models',
          since: service.since,
        },
      ]
    })
  }
}
