import type { Demand } from './demand'
import type { Room } from './room'
import type { Wishes } from './wishes'

/** What a launch will take of its hosts. */
export interface Claim {
  /** Share of each host's memory; null where it is none, or more than there is. */
  share: number | null
  /** The recipe pins what it takes, or the share was computed, or nothing limits what it takes but its needs. */
  by: 'pinned' | 'computed' | 'needed'
  /** Taken on a host with so much memory; null where too little is known to tell. */
  bytes(total: number): number | null
  /** What of that is left for the KV cache. */
  cache(total: number): number | null
}

/** The sequences and tokens that a launch is to hold. */
export interface Load {
  context: number
  sequences: number
  /** The least that it must hold to start: one sequence, of this many tokens. */
  leastContext: number
}

/** Decides what a launch takes: as pinned, else the smallest share that holds the load, else what it needs. */
export function claimOf(wishes: Wishes, demand: Demand, load: Load, rooms: Room[]): Claim {
  const fixed = demand.weights === null ? null : demand.weights + demand.overhead
  const rest = (bytes: number | null) => (bytes === null || fixed === null ? null : bytes - fixed)
  if (wishes.shareBytes !== null) return absolute(Math.ceil(wishes.shareBytes), 'pinned')
  if (wishes.cacheBytes !== null && fixed !== null) return withCache(fixed, wishes.cacheBytes)
  if (wishes.share !== null) return ofShare(wishes.share, 'pinned')
  // Without a word vLLM would take 0.92 of the host, which is more than any has.
  if (fixed === null && wishes.vllm) return ofShare(Math.max(1, mostShare(rooms) ?? 85) / 100, 'computed')
  if (fixed === null) return { share: null, by: 'needed', bytes: () => null, cache: () => null }
  const wanted = fixed + demand.kv(load.context, load.sequences)
  if (!wishes.vllm) return absolute(wanted, 'needed')
  const least = fixed + demand.kv(load.leastContext, 1)
  return ofShare(smallestShare(wanted, least, rooms), 'computed')

  function ofShare(share: number, by: Claim['by']): Claim {
    const bytes = (total: number) => Math.ceil(total * share)
    return { share: share <= 1 ? share : null, by, bytes, cache: (total) => rest(bytes(total)) }
  }

  function absolute(bytes: number, by: Claim['by']): Claim {
    return { share: null, by, bytes: () => bytes, cache: () => rest(bytes) }
  }

  /** vLLM checks the share at its start all the same, so it must not be larger than what is there. */
  function withCache(fixed: number, cache: number): Claim {
    const { share } = wishes
    const bytes = (total: number) => Math.max(fixed + cache, share === null ? 0 : Math.ceil(total * share))
    return { share, by: 'pinned', bytes, cache: () => cache }
  }
}

/** The smallest share in hundredths that holds what is wanted; where a host has not that much, all it has, if that holds the least. */
function smallestShare(wanted: number, least: number, rooms: Room[]): number {
  const totals = rooms.map(({ total }) => total).filter((total) => total !== null)
  const [enough, needed] = [wanted, least].map((bytes) =>
    Math.max(1, ...totals.map((total) => hundredths(bytes, total))),
  )
  const most = mostShare(rooms) ?? Infinity
  const share = most >= (enough ?? 1) ? enough : most >= (needed ?? 1) ? most : needed
  return (share ?? 1) / 100
}

/** Hundredths of `total` that hold so many bytes. */
export function hundredths(bytes: number, total: number): number {
  const about = Math.floor((bytes / total) * 100)
  // Which of its neighbours it is depends on how the fraction is rounded.
  const found = [about - 1, about, about + 1].find((share) => Math.ceil(total * (share / 100)) >= bytes)
  return Math.max(1, found ?? about + 2)
}

/** The largest share, in hundredths, that every host whose room is known has; null where none is. */
export function mostShare(rooms: Room[]): number | null {
  const most = rooms.flatMap(({ total, bytes }) => {
    if (total === null || bytes === null) return []
    let share = Math.min(100, Math.floor((bytes / total) * 100) + 1)
    while (share > 0 && Math.ceil(total * (share / 100)) > bytes) share -= 1
    return [Math.max(0, share)]
  })
  return most.length === 0 ? null : Math.min(...most)
}
