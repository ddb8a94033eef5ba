/** Draws from one seed; the same draws in the same order, on any machine. */
export interface Random {
  /** 0 up to, but not, 1. */
  next(): number
  /** Whole, both ends included. */
  int(from: number, to: number): number
  chance(share: number): boolean
  /** @throws {RangeError} on an empty list */
  pick<T>(list: readonly T[]): T
  /** Another row of draws, so that what one part draws does not move what another gets. */
  fork(name: string): Random
}

/** Makes the draws of a seed (splitmix32). */
export function random(seed: number): Random {
  let state = seed >>> 0

  function next(): number {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }

  function pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('random: nothing to pick from')
    return list[Math.floor(next() * list.length)] as T
  }

  return {
    next,
    int: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (share) => next() < share,
    pick,
    fork: (name) => random(Number(BigInt.asUintN(32, BigInt(Bun.hash(`${seed} ${name}`))))),
  }
}
