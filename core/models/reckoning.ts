import type { Observed } from '../cluster/observed'
import type { Service } from '../config/cluster'
import { launchHosts } from '../launchers/container'
import type { WeightsPlace } from '../launchers/launcher'
import type { Disk, FoundModel } from './disk/found-model'
import type { Inventory } from './disk/inventory'
import { commonPlace } from './disk/weights-place'
import { type Fit, fit } from './memory/fit'
import type { Launches } from './memory/launches'
import { type HostLedger, ledger } from './memory/ledger'
import { wishesOf } from './memory/wishes'
import type { Recipe } from './recipe'

/** What the disks say of one launch. */
export interface LaunchFacts {
  /** The weights by host; a host that is not named was not looked at, null is "not there". */
  found: Record<string, FoundModel | null>
  /** The same of the drafter that the recipe names; left out where it names none. */
  drafter?: Record<string, FoundModel | null>
  /** Where a launch finds them, or why it can't. */
  place: { place: WeightsPlace | null; problem: string | null }
}

export interface ReckoningOptions {
  /** Every declared service: what runs beside a model takes memory too. */
  services: Service[]
  observed: Observed
  disks: Inventory
  launches: Pick<Launches, 'of'>
  /** Bytes that what was launched into a service takes of a host; null where that is not known. */
  taken?(service: string, host: string): number | null
}

/** What plans and the menu reckon with. */
export interface Reckoning {
  /** Looks at the disks of the launch's hosts now. */
  look(recipe: Recipe, service: Service): Promise<LaunchFacts>
  /** Once the service's own model has ended, and those of these other services. */
  ledgers(recipe: Recipe, service: Service, others?: Service[]): HostLedger[]
  /** By what is known already, without asking any host. */
  fit(recipe: Recipe, service: Service): Fit
}

// A disk that hangs must not hold a plan; what was last seen of it does.
const patienceMs = 15_000

/** Gathers from all that is seen what a plan is made from. */
export function reckoning({ services, observed, disks, launches, taken = () => null }: ReckoningOptions): Reckoning {
  function ledgers(recipe: Recipe, service: Service, others: Service[] = []): HostLedger[] {
    const ends = [service, ...others].map(({ id }) => id)
    const serving = services.map(({ id }) => id).filter((id) => observed.serves(id)?.length)
    return launchHosts(recipe, service).flatMap((host) => {
      const view = observed.host(host.id)
      const takenHere = (id: string) => taken(id, host.id)
      return view ? [ledger(view, { host, services, ends, serving, taken: takenHere })] : []
    })
  }

  return {
    ledgers,
    async look(recipe, service) {
      const looks = launchHosts(recipe, service).map(({ id }) =>
        disks.look(id, AbortSignal.timeout(patienceMs)).catch(() => disks.disk(id)),
      )
      const seen = (await Promise.all(looks)).filter((disk) => disk !== null)
      return { found: foundOn(seen, recipe.repo), ...drafterOn(seen, recipe), place: placeOf(seen, recipe) }
    },
    fit(recipe, service) {
      const seen = launchHosts(recipe, service).flatMap(({ id }) => disks.disk(id) ?? [])
      return fit({
        recipe,
        service,
        found: elsewhereToo(foundOn(seen, recipe.repo), disks.of(recipe.repo)),
        ...drafterOn(seen, recipe),
        ledgers: ledgers(recipe, service),
        launches: launches.of(recipe, service),
      })
    },
  }
}

// A script's own program knows where its weights are.
function placeOf(disks: Disk[], { repo, runtime }: Recipe): LaunchFacts['place'] {
  return runtime === 'script' ? { place: null, problem: null } : commonPlace(disks, repo)
}

function foundOn(disks: Disk[], repo: string): Record<string, FoundModel | null> {
  return Object.fromEntries(disks.map(({ host, models }) => [host, models.find((each) => each.repo === repo) ?? null]))
}

/** The same model lies elsewhere, which tells how large it is before it was brought here. */
function elsewhereToo(
  here: Record<string, FoundModel | null>,
  everywhere: Record<string, FoundModel | null>,
): Record<string, FoundModel | null> {
  const other = Object.values(everywhere).find((model) => model?.state === 'ready') ?? null
  return Object.fromEntries(Object.entries(here).map(([host, model]) => [host, model ?? other]))
}

function drafterOn(disks: Disk[], recipe: Recipe): Pick<LaunchFacts, 'drafter'> {
  const { drafter } = wishesOf(recipe)
  return drafter === null ? {} : { drafter: foundOn(disks, drafter) }
}
