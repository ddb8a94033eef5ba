import { attention } from './cluster/attention'
import { firstSeen } from './cluster/first-seen'
import type { Logins } from './cluster/logins'
import type { Observed } from './cluster/observed'
import { refusedLogins } from './cluster/refused-logins'
import type { AttentionView } from './cluster/snapshot'
import type { Service } from './config/cluster'
import type { History } from './history/history'
import type { Recipe } from './models/recipe'
import type { Arbiter } from './swap/arbiter'
import { lostModels } from './swap/lost-model'

export interface TroublesOptions {
  services: Service[]
  /** The services that models are swapped into. */
  swappable: Service[]
  recipes(): Recipe[]
  observed: Observed
  history: Pick<History, 'flapping'>
  arbiter: Pick<Arbiter, 'loaded' | 'current'>
  logins: Pick<Logins, 'link'>
}

/** Gathers what needs a person from every room, worst first; ask it at each change, since it remembers when each began. */
export function troubles(options: TroublesOptions): () => AttentionView[] {
  const { services, swappable, recipes, observed, history, arbiter, logins } = options
  const since = firstSeen()
  const lost = lostModels()
  const recipeName = (id: string) => recipes().find((each) => each.id === id)?.name ?? id

  return function now() {
    const loaded = arbiter.loaded()
    const swap = arbiter.current()
    const models = swappable.flatMap(({ id }) => {
      const model = loaded.find((each) => each.service === id)
      const service = observed.service(id)
      return service ? [{ service, model: model ? (model.recipe?.name ?? model.repo) : null }] : []
    })
    const more = [...refusedLogins(services, logins.link), ...lost(models, swap, recipeName)]
    return since(attention(observed.hosts(), observed.services(), swap, history.flapping, more))
  }
}
