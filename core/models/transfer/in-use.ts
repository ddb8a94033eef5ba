import type { Observed } from '../../cluster/observed'
import type { Service } from '../../config/cluster'
import type { JobView } from '../../jobs/job'
import { wishesOf } from '../memory/wishes'
import type { Recipe } from '../recipe'
import { TransferRefusal } from './refusal'

export interface UseOptions {
  services: Service[]
  recipes(): Recipe[]
  observed: Pick<Observed, 'service'>
  /** What each service that takes models has loaded. */
  loaded(): { service: string; repo: string; recipe: Recipe | null }[]
  /** The running swap, or the last one. */
  swap(): JobView | null
}

/** Every repo whose weights are read now or soon, with why it must stay. */
export function inUse({ services, recipes, observed, loaded, swap }: UseOptions): Map<string, TransferRefusal> {
  const uses = new Map<string, TransferRefusal>()
  for (const { id, model } of services) {
    const state = observed.service(id)?.state
    if (model !== null && state !== undefined && running.has(state)) uses.set(model, isLoaded(model, id))
  }
  const job = swap()
  if (job && job.ended_at === null) {
    for (const id of [job.previous, job.recipe]) {
      for (const repo of reposOf(recipes().find((each) => each.id === id))) uses.set(repo, swapping(repo, job))
    }
  }
  for (const { service, repo, recipe } of loaded()) {
    for (const name of [repo, ...reposOf(recipe)]) uses.set(name, isLoaded(name, service))
  }
  return uses
}

const running: ReadonlySet<string> = new Set(['up', 'busy', 'stalled', 'starting'])

/** What a recipe reads: its model, and the drafter that speculates for it. */
function reposOf(recipe: Recipe | null | undefined): string[] {
  if (!recipe) return []
  const { drafter } = wishesOf(recipe)
  return [recipe.repo, ...(drafter === null ? [] : [drafter])]
}

function isLoaded(repo: string, service: string): TransferRefusal {
  return new TransferRefusal('model_loaded', `${repo}: is loaded in ${service}; unload it first`, { service })
}

function swapping(repo: string, { id }: JobView): TransferRefusal {
  return new TransferRefusal('swap_running', `${repo}: a swap with it is running; wait for its end or cancel it`, {
    job: id,
  })
}
