import { attention } from './cluster/attention'
import { firstSeen } from './cluster/first-seen'
import type { Logins } from './cluster/logins'
import type { Observed } from './cluster/observed'
import { refusedLogins } from './cluster/refused-logins'
import type { AttentionView } from './cluster/snapshot'
import type { Service } from './config/cluster'
import type { History } from './history/history'
import type { Recipe } from './models/recipe'
import type { Storage } from './store/storage'
import type { Arbiter } from './swap/arbiter'
import type { Loads } from './swap/loads'
import { lostModels } from './swap/lost-model'
import { type Orphan, orphanAttention } from './swap/orphans'
import type { Resumer } from './swap/resumer'
import type { Webhooks } from './webhooks/webhooks'

export interface TroublesOptions {
  services: Service[]
  /** The services that models are swapped into. */
  swappable: Service[]
  recipes(): Recipe[]
  observed: Observed
  history: Pick<History, 'flapping'>
  storage: Pick<Storage, 'attention'>
  arbiter: Pick<Arbiter, 'loaded' | 'current'>
  loads: Pick<Loads, 'of'>
  resumer: Pick<Resumer, 'attention'>
  /** Containers that belong to nothing which is loaded. */
  leftOver(): Orphan[]
  logins: Pick<Logins, 'link'>
  webhooks: Pick<Webhooks, 'attention'>
}

/** Gathers what needs a person from every room, worst first; ask it at each change, since it remembers when each began. */
export function troubles(options: TroublesOptions): () => AttentionView[] {
  const {
    services,
    swappable,
    recipes,
    observed,
    history,
    storage,
    arbiter,
    logins,
    webhooks,
    loads,
    resumer,
    leftOver,
  } = options
  const since = firstSeen()
  const lost = lostModels()
  const recipeName = (id: string) => recipes().find((each) => each.id === id)?.name ?? id
  const titleOf = (host: string) => observed.host(host)?.title ?? host

  return function now() {
    const loaded = arbiter.loaded()
    const swap = arbiter.current()
    const models = swappable.flatMap(({ id }) => {
      const model = loaded.find((each) => each.service === id)
      const service = observed.service(id)
      const left = loads.of(id)
      const expected = left && recipeName(left.recipe)
      return service ? [{ service, model: model ? (model.recipe?.name ?? model.repo) : null, expected }] : []
    })
    // What is loaded again by itself needs nobody.
    const again = resumer.attention()
    const gone = lost(models, swap).filter(({ subject }) => again.every((each) => each.subject !== subject))
    const more = [
      ...storage.attention(),
      ...refusedLogins(services, logins.link),
      ...gone,
      ...again,
      ...orphanAttention(leftOver(), titleOf),
      ...webhooks.attention(),
    ]
    return since(attention(observed.hosts(), observed.services(), swap, history.flapping, more))
  }
}
