import type { Clock } from '../clock'
import type { Service } from '../config/cluster'
import type { Door } from '../gateway/door'
import { launchHosts } from '../launchers/container'
import type { LaunchOrder } from '../launchers/launcher'
import type { HostLedger } from '../models/memory/ledger'
import type { Recipe } from '../models/recipe'
import type { Reckoning } from '../models/reckoning'
import type { LoadedModel, LoadedModels } from './loaded-models'
import type { Candidate } from './make-room'
import type { Slot } from './steps/step'

/** A model of another service that a launch might end. */
export interface Other extends Candidate {
  repo: string
  /** How it was launched, where it was launched from here. */
  launched: LaunchOrder | null
}

/** What could end so that a launch has room. */
export interface Room {
  others: Other[]
  /** Where the memory of the launch's hosts goes once these have ended too. */
  ledgers(ended: Slot[]): HostLedger[]
}

/** Which models of other services may end; whoever asks decides. */
export type MayEnd = (other: LoadedModel) => boolean

export interface RoomOptions {
  services: readonly Service[]
  loaded: LoadedModels
  door: Pick<Door, 'lastInside'>
  reckoning: Pick<Reckoning, 'ledgers'>
  clock: Clock
}

/** Gathers the models that stand on the Sparks of a launch, in other services than its own. */
export function roomFor(recipe: Recipe, service: Service, mayEnd: MayEnd, options: RoomOptions): Room {
  const { services, loaded, door, reckoning, clock } = options
  const hosts = launchHosts(recipe, service).map(({ id }) => id)

  function other(model: LoadedModel): Other[] {
    const on = services.find(({ id }) => id === model.service)
    if (!on || on.id === service.id || !on.hosts.some(({ id }) => hosts.includes(id))) return []
    return [
      {
        slot: { service: on, recipe: loaded.runs(on) },
        usedAt: usedAt(model),
        allowed: mayEnd(model),
        repo: model.repo,
        launched: model.recipe && loaded.launched(on, model.recipe),
      },
    ]
  }

  /** ms since the epoch. */
  function usedAt({ service: id, since }: LoadedModel): number {
    const inside = door.lastInside(id)
    return inside === null ? Date.parse(since) : clock.now() - (clock.rising() - inside)
  }

  return {
    others: loaded.now().flatMap(other),
    ledgers: (ended) =>
      reckoning.ledgers(
        recipe,
        service,
        ended.map((slot) => slot.service),
      ),
  }
}
