/** The newest seconds of one metric; a second that was not seen is null, whichever way the clock jumped. */
export interface Ring {
  put(second: number, value: number): void
  at(second: number): number | null
}

/** Holds `size` seconds in a fixed block of memory. */
export function ring(size: number): Ring {
  const values = new Float64Array(size)
  // Which second a place holds: what an older turn of the ring left there must not be read as new.
  const seconds = new Float64Array(size).fill(-1)
  return {
    put(second, value) {
      values[second % size] = value
      seconds[second % size] = second
    },
    at(second) {
      const place = second % size
      return seconds[place] === second ? (values[place] ?? null) : null
    },
  }
}

/** Averages of a ring over the `spanMs` before `nowMs`, oldest first; pieces begin at whole multiples of their length, so they stand still. */
export function averages(from: Ring, spanMs: number, points: number, nowMs: number): (number | null)[] {
  const length = Math.max(1, Math.round(spanMs / 1000 / points))
  const last = Math.floor(nowMs / 1000 / length)
  return Array.from({ length: points }, (_, index) => average(from, (last - points + 1 + index) * length, length))
}

function average(from: Ring, begin: number, length: number): number | null {
  let total = 0
  let count = 0
  for (let second = Math.max(0, begin); second < begin + length; second++) {
    const value = from.at(second)
    if (value === null) continue
    total += value
    count++
  }
  return count === 0 ? null : total / count
}
