import type { Observed } from '../cluster/observed'
import type { Service } from '../config/cluster'
import type { JobView } from '../jobs/job'
import type { Runner } from '../jobs/runner'
import type { Inventory } from './disk/inventory'
import { type Suggestion, suggest } from './inference/suggest'
import type { Fit } from './memory/fit'
import { type Menu, menu } from './menu'
import type { Recipe } from './recipe'
import type { Reckoning } from './reckoning'

export interface ModelsOptions {
  swappable: Service[]
  observed: Observed
  disks: Inventory
  recipes(): Recipe[]
  reckoning: Reckoning
  /** What each service that takes models has loaded. */
  loaded(): { recipe: Recipe | null; repo: string }[]
  /** The recipe that was loaded last into a service, or null. */
  lastLoaded(service: string): string | null
  /** Seconds that loading a recipe into a service usually takes. */
  usual(recipe: string, service: string): number | null
  runner: Pick<Runner, 'running'>
  /** Jobs of models, the newest first. */
  past(): JobView[]
  /** Every declared service. */
  services: Service[]
  /** Another number whenever something may have changed. */
  version(): number
}

/** What can be swapped to, and how a model without a recipe could be launched. */
export interface Models {
  menu(): Menu
  /** By what is known already; null where no service takes models. */
  fit(recipe: Recipe): Fit | null
  /** Null where the model is on no host. */
  suggest(repo: string): Suggestion | null
}

/** Puts disks, recipes, memory and what runs together. */
export function models(options: ModelsOptions): Models {
  const { swappable, observed, disks, recipes, reckoning, runner, version, services, past } = options
  const service = swappable[0] ?? null

  const fit = (recipe: Recipe) => (service && recipe.unrunnable === null ? reckoning.fit(recipe, service) : null)

  let made: { at: number; menu: Menu } | null = null

  function newMenu(): Menu {
    const all = recipes()
    const ended = past()
    return menu({
      disks: disks.disks(),
      recipes: all,
      service,
      loaded: options.loaded(),
      jobs: runner.running(),
      ended: (repo) => ended.find((job) => job.repo === repo && job.action === 'download')?.ended_at ?? null,
      services,
      now: Date.now(),
      lastLoaded(repo) {
        const last = service ? options.lastLoaded(service.id) : null
        return all.find(({ id }) => id === last)?.repo === repo ? last : null
      },
      usual: (recipe) => (service ? options.usual(recipe, service.id) : null),
      fit,
    })
  }

  return {
    fit,
    // Everybody who looks at a page now gets the same.
    menu() {
      const at = version()
      if (made?.at !== at) made = { at, menu: newMenu() }
      return made.menu
    },
    suggest(repo) {
      const found = Object.values(disks.of(repo)).filter((model) => model !== null)
      const model = found.find(({ state }) => state === 'ready') ?? found[0]
      if (!model) return null
      const totals = (service?.hosts ?? []).flatMap(({ id }) => observed.host(id)?.facts?.memory_total_bytes ?? [])
      return suggest({
        repo,
        found: { ...model, layout: model.gguf ? 'gguf' : model.layout },
        hosts: service?.hosts.length ?? 1,
        totalBytes: totals.length > 0 ? Math.min(...totals) : null,
        taken: recipes().map(({ id }) => id),
      })
    },
  }
}
