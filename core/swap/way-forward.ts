import type { Door } from '../gateway/door'
import { launchHosts } from '../launchers/container'
import type { LaunchOrder } from '../launchers/launcher'
import { claim, stillMine } from './claim'
import { again } from './steps/again'
import { awaitMemory } from './steps/await-memory'
import { drain } from './steps/drain'
import { modelOf, servedNow } from './steps/first-token'
import { followLoad, launchModel, proveModel } from './steps/load-model'
import { preflight } from './steps/preflight'
import { failed, headOf, type Slot, type StepContext, type SwapLimits } from './steps/step'
import { stopModel } from './steps/stop-model'
import type { SwapBook } from './swap-book'
import type { SwapOrder } from './swap-request'

export interface WayOptions {
  swap: SwapOrder
  book: SwapBook
  limits: SwapLimits
  door: Door
  /** The next number of this controller, higher than `seen`. */
  nextFence(seen: number): number
  /** What else it ends, for its log. */
  leftOver?: string[]
  /** The step's means; a way has one of its own, so that nothing of the other goes on in it. */
  context(signal: AbortSignal): StepContext
}

/** Walks from what runs to what was asked; each phase may be done twice, and those that were done are passed over. */
export async function wayForward(options: WayOptions, signal: AbortSignal): Promise<void> {
  const { swap, book, limits, door } = options
  const { order } = swap
  const phase: SwapBook['phase'] = async (name, words, act) => {
    if (book.did(name)) return
    await book.phase(name, words, async () => {
      await act()
      signal.throwIfAborted()
    })
  }
  const context = () => options.context(signal)
  await phase('preflight', 'looking whether it can work', async () => {
    if (order) await preflight(order, context())
    // Nothing was touched yet: a Spark that is away is no reason to wait long.
    await claimed(options, { needed: neededFor(swap), patienceS: 20 }, context())
  })
  await phase('drain', 'letting running requests finish', () => drain(slotsOf(swap), context(), door, limits.drainS))
  await phase('stop', 'ending what runs', async () => {
    book.log(options.leftOver ?? [])
    await stopModel({ slots: slotsOf(swap), needed: neededFor(swap) }, context())
    await claimed(options, { needed: neededFor(swap) }, context())
  })
  if (order) await launched(order, context(), options, phase)
  await phase('commit', 'writing it down', async () => {
    await stillMine(neededFor(swap), context())
    if (order) await stillServed(order, context())
  })
}

async function launched(
  order: LaunchOrder,
  context: StepContext,
  { book, limits }: WayOptions,
  phase: SwapBook['phase'],
): Promise<void> {
  const launch = book.view.id
  await phase('memory', 'waiting for memory to come back', () => awaitMemory(order, context, limits))
  await phase('launch', 'starting the launcher', () => launchModel(order, launch, context))
  // What answers now is seen anew after a restart.
  let served: { id: string; root: string }[] = []
  await book.phase('load', 'loading', async () => {
    served = await followLoad(order, launch, context, limits)
  })
  await book.phase('first_token', 'asking for a first token', () => proveModel(order, launch, served, context))
}

// A Spark that was waited for may have taken its engine with it.
async function stillServed({ recipe, service }: LaunchOrder, context: StepContext): Promise<void> {
  const head = headOf(service, context.hosts)
  const look = () => servedNow(context.ask(head.address ?? '', service.port, 3000, context.signal))
  const served = await again(look, (models) => modelOf(models ?? [], recipe.repo) !== undefined, context)
  if (modelOf(served ?? [], recipe.repo)) return
  throw failed('engine_gone', `${recipe.repo} gave a token and then ended`, 'read the log, then swap again')
}

/** Takes the next number on all hosts of the swap. */
export async function claimed(
  { swap, book, nextFence }: Pick<WayOptions, 'swap' | 'book' | 'nextFence'>,
  wanted: { needed: string[]; patienceS?: number },
  context: StepContext,
): Promise<void> {
  const all = [...new Set(slotsOf(swap).flatMap(({ service }) => service.hosts.map(({ id }) => id)))]
  const mine = book.view.fence ?? null
  await claim({ all, mine, ...wanted }, context, async (seen) => {
    const fence = await book.write(() => nextFence(seen))
    await book.keep({ fence })
    return fence
  })
}

/** Everything that ends: what runs, what makes room, and what a script of the new model may have left. */
export function slotsOf({ service, order, stops }: SwapOrder): Slot[] {
  return [...stops, ...(order?.recipe.script ? [{ service, recipe: order.recipe }] : [])]
}

/** Ids of the hosts on which it must be proved that nothing runs any more. */
export function neededFor({ service, order }: Pick<SwapOrder, 'service' | 'order'>): string[] {
  return order ? launchHosts(order.recipe, service).map(({ id }) => id) : service.hosts.slice(0, 1).map(({ id }) => id)
}
