import type { SlotNow } from './may-end'

/** When each model is unloaded unless somebody uses it, ms of the rising clock by service; only those that are ever. */
export function idleAt(slots: readonly SlotNow[]): Map<string, number> {
  return new Map(
    slots.flatMap(({ service, seen, recipe, loadedAt, usedAt }) => {
      if (!seen || !recipe || recipe.demand.idleUnloadS === null) return []
      const { idleUnloadS, minLoadedS } = recipe.demand
      const unused = Math.max(loadedAt, usedAt) + idleUnloadS * 1000
      return [[service, Math.max(unused, loadedAt + minLoadedS * 1000)] as const]
    }),
  )
}

/** The service whose model is unloaded now, of several the one that idles longest; null: none. */
export function nextIdle(slots: readonly SlotNow[], now: number): string | null {
  const due = [...idleAt(slots)].filter(([, at]) => at <= now).toSorted((a, b) => a[1] - b[1])
  return due[0]?.[0] ?? null
}
