import type { Service } from '../config/cluster'
import type { JobError, SwapResult } from '../jobs/job'
import type { LaunchOrder } from '../launchers/launcher'
import { stillMine } from './claim'
import { awaitMemory } from './steps/await-memory'
import { servedNow } from './steps/first-token'
import { killLaunch, launchThere } from './steps/job-directory'
import { followLoad, launchModel, proveModel } from './steps/load-model'
import { headOf, type Slot, type StepContext } from './steps/step'
import { stopModel } from './steps/stop-model'
import type { UsualTimes } from './swap-book'
import { claimed, neededFor, slotsOf, type WayOptions } from './way-forward'

export interface WayBackOptions extends WayOptions {
  /** How long a way back to this usually takes. */
  usualOf(order: LaunchOrder): UsualTimes
  /** Why this is not launched again by itself; null where it may be. */
  refusal(order: LaunchOrder): JobError | null
  /** A launch has come to its end, good or bad; told again after a restart. */
  launchEnded(order: LaunchOrder, launch: string, ok: boolean): void
}

/** What the way back has come to. */
export interface Back {
  result: SwapResult
  /** What is loaded again. */
  back: LaunchOrder[]
  /** Ids of services whose model ended and did not come back. */
  missing: string[]
}

// Only a model that withstood its own end can still be there.
const survived = ['not_stopped', 'stop_unproven', 'port_in_use']

/**
 * Leaves no half-started model behind, and brings back what ran before, once.
 * @param signal aborts when a person wants nothing to be brought back
 * @throws {StepError} when that does not work either
 */
export async function wayBack(options: WayBackOptions, signal: AbortSignal, released: AbortSignal): Promise<Back> {
  const { swap, book } = options
  const ran = swap.ran ?? []
  const own = ran.includes(swap.service.id)
  if (!book.began('stop')) return { result: own ? 'previous' : 'none', back: [], missing: [] }
  if (await survives(options, released)) return { result: 'previous', back: swap.back, missing: [] }
  // After a restart of this program what comes back may be on its way already.
  if (!book.did('back_stop'))
    await book.phase('back_stop', 'ending what was begun', () =>
      cleared(options, book.began('launch') ? { service: swap.service, launch: book.view.id } : null, released),
    )
  const back = await allBack(options, signal, released)
  const missing = ran.filter((service) => !back.some((order) => order.service.id === service))
  const whole = missing.length === 0 && back.length > 0
  return { result: whole || (own && !missing.includes(swap.service.id)) ? 'previous' : 'none', back, missing }
}

/** Each in turn; those that are there again, none where a person gave them up. */
async function allBack(options: WayBackOptions, signal: AbortSignal, released: AbortSignal): Promise<LaunchOrder[]> {
  const { swap, book } = options
  const back: LaunchOrder[] = []
  for (const order of swap.back) {
    const launch = `${book.view.id}-back-${order.service.id}`
    try {
      signal.throwIfAborted()
      await broughtBack(order, launch, options, signal)
      options.launchEnded(order, launch, true)
      back.push(order)
    } catch (error) {
      if (released.aborted) throw error
      if (!signal.aborted) options.launchEnded(order, launch, false)
      // A person who gave it up wants none of them; else those that are back stay.
      await cleared(options, { service: order.service, launch }, released, signal.aborted ? undefined : order)
      if (signal.aborted) return []
      throw new NotBackError(error, back)
    }
  }
  // A cancel that came too late has cancelled nothing.
  return back
}

async function broughtBack(order: LaunchOrder, launch: string, options: WayBackOptions, signal: AbortSignal) {
  const { book, limits } = options
  const context = options.context(signal)
  const name = order.recipe.name
  book.expect(options.usualOf(order))
  // After a restart of this program it may have been launched already.
  if (!(await launchThere(headOf(order.service, context.hosts), launch, context))) {
    const refused = options.refusal(order)
    if (refused) throw new RefusedBackError(refused)
    await book.phase('back_memory', `waiting for memory for ${name}`, () => awaitMemory(order, context, limits))
    await book.phase('back_launch', `starting ${name}`, () => launchModel(order, launch, context))
  }
  let served: { id: string; root: string }[] = []
  await book.phase('back_load', `loading ${name}`, async () => {
    served = await followLoad(order, launch, context, limits)
  })
  await book.phase('back_first_token', `asking ${name} for a first token`, async () => {
    await proveModel(order, launch, served, context)
    await stillMine(neededFor({ service: order.service, order }), context)
  })
}

/** Ends a launch, launcher and all, and whatever runs in the slots. */
async function cleared(
  options: WayBackOptions,
  begun: { service: Service; launch: string } | null,
  signal: AbortSignal,
  only?: LaunchOrder,
): Promise<void> {
  const { swap, book } = options
  const context = () => ({ ...options.context(signal), report: () => {} })
  const backs = swap.back.map(({ service, recipe }) => ({ service, recipe }))
  const needed = new Set([...neededForBack(options), ...swap.service.hosts.slice(0, 1).map(({ id }) => id)])
  // What was begun may still be on its way: from here on it comes too late.
  await claimed(options, { needed: [...needed] }, context())
  if (begun) await killLaunch(headOf(begun.service, context().hosts), begun.launch, context())
  const all = [...slotsOf(swap), ...(book.began('back_launch') ? backs : [])]
  const slots = only ? [{ service: only.service, recipe: only.recipe }] : all
  await stopModel({ slots, needed: [...needed] }, context())
  await claimed(options, { needed: [...needed] }, context())
}

function neededForBack({ swap }: WayBackOptions): string[] {
  return swap.back.flatMap((order) => neededFor({ service: order.service, order }))
}

/** Whether what was to end has withstood it, and goes on as if nothing had been. */
async function survives({ swap, book, context }: WayBackOptions, signal: AbortSignal): Promise<boolean> {
  if (book.began('launch') || book.began('back_memory') || !survived.includes(book.view.error?.code ?? '')) return false
  return serves(swap.stops, context(signal))
}

async function serves(slots: Slot[], { hosts, ask, signal }: StepContext): Promise<boolean> {
  const answers = slots.map(({ service }) =>
    servedNow(ask(headOf(service, hosts).address ?? '', service.port, 3000, signal)),
  )
  return (await Promise.all(answers)).every((served) => served !== null && served.length > 0)
}

/** What ran before could not be brought back, but for these. */
export class NotBackError extends Error {
  override name = 'NotBackError'
  constructor(
    override readonly cause: unknown,
    readonly back: LaunchOrder[],
  ) {
    super('what ran before could not be brought back')
  }
}

/** What ran before is not launched again by itself. */
export class RefusedBackError extends Error {
  override name = 'RefusedBackError'
  constructor(readonly reason: JobError) {
    super(reason.message)
  }
}
