/** flock as `spark-control-fence` uses it: a claim holds it alone, commands hold it together. */
export interface FenceLock {
  /** @returns the way to give it back; null while it can't be had */
  tryTake(alone: boolean): (() => void) | null
}

export function fenceLock(): FenceLock {
  let holders = 0
  let alone = false
  return {
    tryTake(wanted) {
      if (alone || (wanted && holders > 0)) return null
      holders++
      alone = wanted
      let held = true
      return () => {
        if (!held) return
        held = false
        holders--
        alone = false
      }
    },
  }
}
