import type { Clock } from '../../clock'
import type { ServiceView } from '../../cluster/snapshot'
import type { Service } from '../../config/cluster'
import type { Door } from '../../gateway/door'
import type { LoadedModel } from '../loaded-models'
import type { SlotNow } from './may-end'

export interface SlotsSeenOptions {
  clock: Clock
  /** Those that take models, the default first. */
  services: readonly Service[]
  loaded(): LoadedModel[]
  observed: { service(id: string): ServiceView | undefined }
  door: Pick<Door, 'lastInside'>
}

export interface SlotsSeen {
  now(): SlotNow[]
  /** What ran there was ended. */
  ended(service: string): void
}

/** What is in each service as it is seen; remembers since when, and when it was used last, by whomever. */
export function slotsSeen({ clock, services, loaded, observed, door }: SlotsSeenOptions): SlotsSeen {
  const known = new Map<string, SlotNow>()
  const ended = new Set<string>()

  function seen({ id: service }: Service, models: LoadedModel[]): SlotNow {
    const view = observed.service(service)
    const model = models.find((each) => each.service === service)
    const before = known.get(service)
    const now = clock.rising()
    // A model that does not answer has not been ended by a swap.
    if (!model && before?.repo && view?.state !== 'stopped') return { ...before, seen: view?.state === 'down' }
    const repo = model?.repo ?? null
    const same = before !== undefined && before.repo === repo && before.recipe?.id === model?.recipe?.id
    // What ran before this program began has had that time; whether it was used then is not known.
    const found = before === undefined && !ended.has(service) && model !== undefined
    const loadedAt = same ? before.loadedAt : found ? now - ageOf(model) : now
    const usedAt = Math.max(same ? before.usedAt : now, door.lastInside(service) ?? 0)
    return {
      service,
      seen: model !== undefined || view?.state === 'stopped' || view?.state === 'down',
      repo,
      recipe: model?.recipe ?? null,
      loadedAt,
      usedAt: works(view) ? now : usedAt,
    }
  }

  function ageOf({ since }: LoadedModel): number {
    const age = clock.now() - Date.parse(since)
    return age > 0 ? age : 0
  }

  return {
    now() {
      const models = loaded()
      return services.map((service) => {
        const slot = seen(service, models)
        known.set(service.id, slot)
        return slot
      })
    },
    ended(service) {
      known.delete(service)
      ended.add(service)
    },
  }
}

const signs = ['Running', 'Waiting', 'Speed']

/** Whether its engine says that it has something to do; others may call it directly. */
function works(view: ServiceView | undefined): boolean {
  return (
    view?.facts.some(({ label, value }) => signs.includes(label) && typeof value === 'number' && value > 0) ?? false
  )
}
