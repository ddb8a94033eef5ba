import { type Clock, stamp } from '../clock'
import type { JobView } from '../jobs/job'
import { surely } from '../store/surely'
import {
  type BackPhase,
  enterPhase,
  isBack,
  leavePhase,
  type SwapPhase,
  secondsByPhase,
  secondsLeft,
  swapProgress,
} from './progress'

export interface SwapBookOptions {
  view: JobView
  clock: Clock
  /** Keeps the view over a restart. @throws when the disk does not take it */
  save(view: JobView): void
  /** Shows the view to whoever looks. */
  publish(view: JobView): void
  /** Told while the disk takes nothing, and of null afterwards. */
  onTrouble(error: unknown): void
  signal: AbortSignal
}

/** How long a way usually takes, for the time that is left of it. */
export interface UsualTimes {
  /** Seconds of the whole way. */
  whole: number
  phases: Partial<Record<string, number>>
}

/** The record of one swap: every step is written down before it is done, and when it is done. */
export interface SwapBook {
  readonly view: JobView
  /** What is told from now on is of a way that usually takes so long. */
  expect(usual: UsualTimes): void
  /** Writes something else of the swap, as soon as the disk takes it. */
  write<Done>(act: () => Done): Promise<Done>
  /** Changes the view, and waits until the disk has it. */
  keep(part: Partial<JobView>): Promise<void>
  /** The same at once, or not at all. @throws when the disk does not take it */
  keepNow(part: Partial<JobView>): void
  /** Does one phase between its two entries. */
  phase(name: SwapPhase | BackPhase, words: string, act: () => Promise<void>): Promise<void>
  /** Seconds that each phase took which was done from its begin to its end here. */
  readonly took: Readonly<Record<string, number>>
  began(name: SwapPhase | BackPhase): boolean
  did(name: SwapPhase | BackPhase): boolean
  report(share: number, detail?: string): void
  log(lines: string[]): void
}

const saveEveryMs = 2000

export function swapBook(options: SwapBookOptions): SwapBook {
  const { clock, save, publish, onTrouble, signal } = options
  let { view } = options
  let saved = clock.rising()
  let usual: UsualTimes = { whole: 0, phases: {} }
  let from = { at: clock.rising(), progress: view.progress }
  let entered = clock.rising()
  const took: Record<string, number> = {}

  function show(next: JobView) {
    view = { ...next, updated_at: stamp(clock) }
    publish(view)
  }

  // The next durable entry holds what one of these could not write.
  function saveNow() {
    saved = clock.rising()
    try {
      save(view)
      onTrouble(null)
    } catch (error) {
      onTrouble(error)
    }
  }

  async function written(next: JobView) {
    view = { ...next, updated_at: stamp(clock) }
    saved = clock.rising()
    await surely(() => save(view), clock, signal, onTrouble)
    onTrouble(null)
    publish(view)
  }

  function stateOf(name: string) {
    return view.phases.find((each) => each.name === name)?.state ?? 'pending'
  }

  function report(share: number, detail?: string) {
    const phase = view.phase as SwapPhase | BackPhase
    const own = swapProgress(phase, share)
    // The way back goes on from where the bar was: it never falls.
    const progress = Math.max(view.progress, isBack(phase) ? from.progress + (1 - from.progress) * own : own)
    const seconds = (since: number) => (clock.rising() - since) / 1000
    const eta_s =
      secondsByPhase(phase, share, seconds(entered), usual.phases) ?? secondsLeft(own, seconds(from.at), usual.whole)
    const phases = view.phases.map((each) => (each.name === phase ? { ...each, detail: detail ?? each.detail } : each))
    const before = JSON.stringify([view.progress, view.eta_s, view.phases])
    if (JSON.stringify([progress, eta_s, phases]) === before) return
    show({ ...view, progress, eta_s, phases })
    if (clock.rising() - saved > saveEveryMs) saveNow()
  }

  return {
    get view() {
      return view
    },
    expect(times) {
      usual = times
      from = { at: clock.rising(), progress: view.progress }
    },
    keep: (part) => written({ ...view, ...part }),
    write: (act) => surely(act, clock, signal, onTrouble),
    keepNow(part) {
      const next = { ...view, ...part, updated_at: stamp(clock) }
      save(next)
      view = next
      publish(view)
    },
    async phase(name, words, act) {
      await written(enterPhase(view, name, words, stamp(clock)))
      entered = clock.rising()
      report(0)
      await act()
      signal.throwIfAborted()
      took[name] = (clock.rising() - entered) / 1000
      await written(leavePhase(view, stamp(clock)))
    },
    took,
    began: (name) => stateOf(name) !== 'pending' && stateOf(name) !== 'skipped',
    did: (name) => stateOf(name) === 'done',
    report,
    log(lines) {
      if (lines.length > 0) show({ ...view, log_tail: [...view.log_tail, ...lines].slice(-50) })
    },
  }
}
