import type { Clock } from '../core/clock'
import type { Random } from './random'
import type { VirtualTime } from './virtual-time'

/** Something that a controller does to the world outside of it. */
export interface Effect {
  kind: 'command' | 'question' | 'write'
  /** A host's id before a command or a question. */
  name: string
}

/**
 * How an effect goes wrong. `fails`: it is refused; `throws`: nothing of it was done, and that takes its time; `reply-lost`: it
 * was done, and nobody hears of it; `late`: it is done minutes after its link was lost.
 */
export type Mishap = 'fails' | 'throws' | 'reply-lost' | 'late' | 'killed-before' | 'killed-within' | 'killed-after'

/** Decides what becomes of an effect. */
export type Fate = (effect: Effect) => Mishap | null

/** One run of a controller's program, from its start until it is killed. */
export interface Life {
  /** `a.2`: the second run of controller a. */
  name: string
  readonly alive: boolean
  clock: Clock
  random: Random
  fate: Fate
  /** As by kill -9: nothing that it waited for comes back. */
  kill(why: string): void
  /** What is to happen when it is killed. */
  onKill(act: () => void): void
}

/** Thrown where a killed program would not have gone on. */
export class Killed extends Error {
  override name = 'Killed'
}

export interface LifeOptions {
  name: string
  time: VirtualTime
  random: Random
  fate: Fate
  /** ms since the epoch; people and time servers set it. */
  wall(): number
}

/** Starts a program's life; its rising clock begins anew with it. */
export function life({ name, time, random, fate, wall }: LifeOptions): Life {
  const born = time.now
  const ends: (() => void)[] = []
  let alive = true

  const clock: Clock = {
    now: wall,
    rising: () => time.now - born,
    after(ms, act) {
      return time.after(ms, () => {
        if (alive) act()
      })
    },
  }

  return {
    name,
    get alive() {
      return alive
    },
    clock,
    random,
    fate: (effect) => (alive ? fate(effect) : null),
    kill() {
      if (!alive) return
      alive = false
      for (const act of ends) act()
    },
    onKill: (act) => void ends.push(act),
  }
}

/** What a killed program waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => {})
}
