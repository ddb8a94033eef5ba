import type { AttentionView } from '../cluster/snapshot'
import type { WebhookTarget } from '../config/cluster'
import type { Deliveries, DeliveryRow } from './deliveries'
import { type Obstacle, shownUrl } from './delivery'

export interface Troubles {
  /** What a person should know of a target; null where all is well. */
  of(target: WebhookTarget, obstacle: Obstacle | null): AttentionView | null
  /** Something became of a delivery to it. */
  forget(url: string): void
}

// About a minute: a receiver that is restarted needs nobody.
const enoughTries = 4

/** What needs a person about targets; remembers of each the last attempt, since it is asked at every change of the cluster. */
export function troubleOf(deliveries: Pick<Deliveries, 'newest'>): Troubles {
  const known = new Map<string, DeliveryRow | null>()

  function newest(url: string): DeliveryRow | null {
    const found = known.get(url)
    if (found !== undefined) return found
    const read = deliveries.newest(url)
    known.set(url, read)
    return read
  }

  return {
    of({ url }, obstacle) {
      const shown = shownUrl(url)
      const view = (text: string, remedy: string, since: string | null): AttentionView => {
        return { severity: 'warning', subject: `webhook:${shown}`, text, remedy, since }
      }
      if (obstacle) return view(`webhooks to ${shown} wait: ${obstacle.text}`, obstacle.remedy, null)
      const last = newest(url)
      const error = last?.attempts.at(-1)?.error
      const lasting = last?.state === 'dead' || (last?.state === 'pending' && last.tries >= enoughTries)
      if (!last || !error || !lasting) return null
      const remedy = 'see what was tried (GET /api/webhooks/deliveries), mend the receiver, then send it again'
      return view(`webhooks to ${shown} do not arrive: ${error}`, remedy, last.attempts[0]?.at ?? null)
    },
    forget(url) {
      known.delete(url)
    },
  }
}
