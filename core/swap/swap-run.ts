import { stamp } from '../clock'
import type { JobError, JobState, JobView, SwapResult } from '../jobs/job'
import type { LaunchOrder } from '../launchers/launcher'
import { endSwap } from './progress'
import { type StepContext, StepError, SupersededError } from './steps/step'
import { swapBook, type UsualTimes } from './swap-book'
import { NotBackError, RefusedBackError, type WayBackOptions, wayBack } from './way-back'
import { slotsOf, wayForward } from './way-forward'

export interface SwapRunOptions extends Omit<WayBackOptions, 'book' | 'context'> {
  view: JobView
  means: Omit<StepContext, 'job' | 'fence' | 'signal' | 'report' | 'log' | 'loaded'>
  usual: UsualTimes
  /** Told the log of a load that has come to an end, good or bad. */
  loaded(order: LaunchOrder, log: string): void
  /** Keeps the view over a restart. @throws when the disk does not take it */
  save(view: JobView): void
  /** Shows the view to whoever looks. */
  publish(view: JobView): void
  /** Told while the disk takes nothing, and of null afterwards. */
  onTrouble(error: unknown): void
}

export interface SwapRun {
  readonly view: JobView
  /** Once: what ran before comes back. Again, or on the way back: nothing does. @throws when the disk does not keep it */
  cancel(): void
  /** Stops following it here; what it began on the Sparks goes on, and the saved view tells how to take it up again. */
  letGo(): void
  /** Seconds by phase. */
  readonly took: Readonly<Record<string, number>>
  /** What the way back has loaded again. */
  readonly back: LaunchOrder[]
  /** The view at its end, not kept yet; null when it was let go. Never rejects. */
  readonly ended: Promise<JobView | null>
}

/** Runs one swap: forward, and back after a failure or a cancel. A view of an earlier run goes on where it was. */
export function swapRun(options: SwapRunOptions): SwapRun {
  const { means, swap } = options
  const released = new AbortController()
  const cancelled = new AbortController()
  const given = new AbortController()
  const book = swapBook({ ...options, clock: means.clock, signal: released.signal })
  let back: LaunchOrder[] = []
  const ended = perform().catch((error) => end('needs_attention', 'unknown', reasonOf(error)))

  async function perform(): Promise<JobView | null> {
    book.expect(options.usual)
    // Over a restart of this program the door stood open again.
    if (book.did('drain')) for (const { service } of slotsOf(swap)) options.door.shut(service.id)
    try {
      if (book.view.ending === null) {
        const failure = await forward()
        if (failure === null) return end('done', swap.order ? 'new' : 'none')
        if (failure instanceof SupersededError) return end('failed', 'unknown', failure.reason)
        const wanted = cancels() > 0
        // Kept before the way back begins, so that a restart in its midst does not go on loading.
        await book.keep({ ending: wanted ? 'cancelled' : 'failed', error: wanted ? null : reasonOf(failure) })
      }
      if (cancels() > (book.view.ending === 'cancelled' ? 1 : 0)) given.abort(new Error('cancelled'))
      return await goBack()
    } catch (error) {
      if (released.signal.aborted) return null
      throw error
    }
  }

  async function forward(): Promise<unknown> {
    if (cancels() > 0) return new Error('cancelled')
    // Nothing of this way is told any more once the other has begun.
    const over = new AbortController()
    try {
      await wayForward(
        { ...options, book, context: (signal) => context(signal, swap.order) },
        any(released, cancelled, over),
      )
      if (swap.order) options.launchEnded(swap.order, book.view.id, true)
      return null
    } catch (error) {
      over.abort(new Error('this way has ended'))
      if (released.signal.aborted) throw error
      if (swap.order && book.began('launch') && cancels() === 0) options.launchEnded(swap.order, book.view.id, false)
      return error
    }
  }

  async function goBack(): Promise<JobView | null> {
    const state = book.view.ending ?? 'failed'
    const first = book.view.error
    const over = new AbortController()
    try {
      const came = await wayBack(
        { ...options, book, context: (signal) => context(signal, null) },
        any(released, given, over),
        released.signal,
      )
      back = came.back
      const { result, missing } = came
      // What a person has given up is not missed.
      const lost = missing.length > 0 && !given.signal.aborted
      const rolled = state === 'failed' && book.began('back_load') && result === 'previous'
      if (lost) return end(state === 'failed' ? 'needs_attention' : state, result, notKnown(missing, first))
      return end(rolled ? 'rolled_back' : state, result, first ?? nothingLoaded(missing))
    } catch (error) {
      over.abort(new Error('this way has ended'))
      if (released.signal.aborted) return null
      const cause = error instanceof NotBackError ? error.cause : error
      if (cause instanceof SupersededError) return end('failed', 'unknown', cause.reason)
      const { message, remedy } = cause instanceof RefusedBackError ? cause.reason : reasonOf(cause)
      const both = first ? `${first.message}; and what ran before could not be brought back: ${message}` : message
      if (error instanceof NotBackError) back = error.back
      const own = back.some(({ service }) => service.id === swap.service.id)
      const result = error instanceof NotBackError ? (own ? 'previous' : 'none') : 'unknown'
      return end('needs_attention', result, { code: first?.code ?? 'not_brought_back', message: both, remedy })
    }
  }

  function context(signal: AbortSignal, loading: LaunchOrder | null): StepContext {
    const when =
      <Words extends unknown[]>(tell: (...words: Words) => void) =>
      (...words: Words) => {
        if (!signal.aborted) tell(...words)
      }
    return {
      ...means,
      job: book.view.id,
      fence: book.view.fence ?? 0,
      signal,
      report: when(book.report),
      log: when(book.log),
      loaded: (log) => loading && options.loaded(loading, log),
    }
  }

  function end(state: JobState, result: SwapResult, error: JobError | null = null): JobView {
    return { ...endSwap(book.view, state, stamp(means.clock), error), result }
  }

  function cancels(): number {
    return book.view.cancels ?? 0
  }

  return {
    get view() {
      return book.view
    },
    cancel() {
      book.keepNow({ cancels: cancels() + 1 })
      const controller = book.view.ending === null && !cancelled.signal.aborted ? cancelled : given
      controller.abort(new Error('cancelled'))
    },
    took: book.took,
    get back() {
      return back
    },
    letGo: () => released.abort(new Error('let go')),
    ended,
  }
}

function any(...controllers: AbortController[]): AbortSignal {
  return AbortSignal.any(controllers.map(({ signal }) => signal))
}

/** What ran there was launched by nobody here, and can't be launched again. */
function notKnown(missing: string[], first: JobError | null): JobError {
  const what = `what ran before in ${missing.join(' and ')} can't be brought back: no recipe is known for it`
  const message = first ? `${first.message}; and ${what}` : `it was cancelled, and ${what}`
  return { code: first?.code ?? 'not_brought_back', message, remedy: 'load a model under Models' }
}

function nothingLoaded(missing: string[]): JobError | null {
  if (missing.length === 0) return null
  return { code: 'cancelled', message: 'it was cancelled, and no model is loaded now', remedy: 'load one under Models' }
}

function reasonOf(error: unknown): JobError {
  if (error instanceof StepError) return error.reason
  const [message = 'unknown', ...remedy] = (error instanceof Error ? error.message : String(error)).split('; ')
  return { code: 'step_failed', message, remedy: remedy.join('; ') || 'look at the hosts, then swap again' }
}
