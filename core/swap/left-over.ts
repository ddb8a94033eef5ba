import type { Observed } from '../cluster/observed'
import type { Service } from '../config/cluster'
import type { Arbiter } from './arbiter'
import type { Loads } from './loads'
import { type Orphan, orphans } from './orphans'
import { touches } from './touches'

export interface LeftOverOptions {
  /** Every declared service. */
  services: readonly Service[]
  swappable: readonly Service[]
  observed: Pick<Observed, 'hosts'>
  arbiter: Pick<Arbiter, 'loaded' | 'current'>
  loads: Pick<Loads, 'of'>
}

/** What is left over on the Sparks as they are seen now. */
export function leftOver({ services, swappable, observed, arbiter, loads }: LeftOverOptions): () => Orphan[] {
  return () => {
    const swap = arbiter.current()
    const ids = swappable.map(({ id }) => id)
    return orphans({
      hosts: observed.hosts(),
      services,
      swappable: ids,
      loaded: arbiter.loaded().map(({ service, recipe }) => {
        const left = loads.of(service)
        // The file of that name may ask for another number by now.
        const launched = left && left.recipe === recipe?.id ? left.order.recipe : recipe
        return { service, nodes: launched?.nodes ?? null }
      }),
      changing: swap && swap.ended_at === null ? ids.filter((id) => touches(swap, id)) : [],
    })
  }
}
