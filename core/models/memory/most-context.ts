import { mostShare } from './claim'
import type { Case } from './fit'

// Longer than any model's; only to end the search.
const longest = 2 ** 27

/** The longest sequence that would fit all hosts, in tokens, 0 where none does; null where too little is known to tell. */
export function mostContext(found: Case): number | null {
  const { wishes, demand, load, claim } = found
  if (!demand.shaped) return null
  const budget = cacheBudget(found)
  if (budget === null) return null
  const sequences = claim.by === 'needed' ? load.sequences : 1
  return longestWithin(
    budget,
    (tokens) => demand.kv(tokens, sequences),
    Math.max(wishes.context ?? 0, demand.context ?? 0),
  )
}

/** The largest number (of tokens, of sequences) up to `most` whose cache is within the budget; 0 where none is. */
export function longestWithin(budget: number, bytes: (tokens: number) => number, most: number): number {
  let [low, high] = [0, most > 0 ? most : longest]
  if (bytes(high) <= budget) return high
  while (low < high - 1) {
    const middle = Math.floor((low + high) / 2)
    if (bytes(middle) <= budget) low = middle
    else high = middle
  }
  return low
}

/** Bytes that the host with the least has for the KV cache: of what is pinned, else of its room. */
function cacheBudget({ demand, rooms, claim }: Case): number | null {
  const { weights, overhead } = demand
  if (weights === null || rooms.length === 0) return null
  const most = mostShare(rooms) ?? 0
  const budgets = rooms.map(({ total, bytes }) => {
    if (total === null || bytes === null) return null
    const pinned = claim.by === 'pinned' ? (claim.cache(total) ?? 0) : Infinity
    const given = claim.by === 'computed' ? Math.ceil(total * (most / 100)) - weights - overhead : pinned
    return Math.min(given, bytes - weights - overhead)
  })
  return budgets.reduce((least, each) => (least === null || each === null ? null : Math.min(least, each)), Infinity)
}
