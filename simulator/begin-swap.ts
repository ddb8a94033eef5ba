import type { Service } from '../core/config/cluster'
import { finalStates, type JobView } from '../core/jobs/job'
import type { Recipe } from '../core/models/recipe'
import type { Program } from './controller'

export interface Wanted {
  /** Null unloads. */
  recipe: Recipe | null
  service: Service
  /** Models of other services may end for it. */
  makeRoom?: boolean
  token?: string | null
  forced?: boolean
}

/** Asks for a swap as POST /api/swap does; null where it is refused for one that runs, or for being impossible. @throws what the arbiter throws */
export function beginSwap({ arbiter }: Program, wanted: Wanted): Promise<JobView | null> {
  const { recipe, service, makeRoom = false, token = null, forced = false } = wanted
  return arbiter.alone(async () => {
    const current = arbiter.current()
    if (current && !finalStates.includes(current.state)) return null
    const { plan, ...planned } = await arbiter.plan(recipe, service, () => makeRoom)
    if (!plan.possible) return null
    return arbiter.start({ ...planned, service, usual: plan.eta_s, by: 'app' }, { token, forced })
  })
}
