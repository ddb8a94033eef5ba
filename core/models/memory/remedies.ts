import { gib } from '../../cluster/gib'
import { hundredths, mostShare } from './claim'
import type { Case } from './fit'
import { type MemoryUse, others } from './ledger'
import { longestWithin, mostContext } from './most-context'
import type { Room } from './room'

// A shorter context is no remedy but another use.
const shortest = 2048

/** What would make a launch fit that does not, most useful first; each is enough by itself. */
export function remediesFor(found: Case): string[] {
  const { rooms } = found
  const short = rooms.filter((room) => lackOf(room, found) > 0)
  // More room is of no use where what is pinned could not hold the least.
  const freed = isStarved(found) ? [] : short
  const remedies = [
    ...shorterContext(found, short),
    ...otherShare(found, short),
    ...fewerSequences(found, short),
    ...stops(found, freed),
    ...smallerModel(found),
    ...pageCache(found, freed),
  ]
  return remedies.length > 0 ? remedies : [smaller]
}

const smaller = 'use a smaller quantisation of it, or more Sparks'

function lackOf({ total, bytes }: Room, { claim }: Case): number {
  const needs = total === null ? null : claim.bytes(total)
  return needs === null || bytes === null ? 0 : Math.max(0, needs - bytes)
}

function isStarved({ rooms, claim, demand, load }: Case): boolean {
  const least = demand.kv(load.leastContext, 1)
  return rooms.some(({ total }) => total !== null && (claim.cache(total) ?? least) < least)
}

/** Of a share that is pinned a shorter context takes nothing away, so it helps only where the share itself is too small. */
function shorterContext(found: Case, short: Room[]): string[] {
  const { claim, load } = found
  if (short.length > 0 && claim.by === 'pinned') return []
  const context = rounded(mostContext(found) ?? 0)
  return context >= shortest && context < load.leastContext ? [`lower max_model_len to ${context}`] : []
}

function otherShare(found: Case, short: Room[]): string[] {
  const { demand, wishes, claim, load, rooms } = found
  if (demand.weights === null) return []
  if (wishes.shareBytes !== null || wishes.cacheBytes !== null) return otherSize(found)
  if (claim.share === null || claim.by === 'computed') return []
  const most = mostShare(rooms) ?? 0
  const fixed = demand.weights + demand.overhead
  const least = Math.max(...rooms.map(({ total }) => hundredths(fixed + demand.kv(load.leastContext, 1), total ?? 1)))
  if (least <= most)
    return short.length > 0
      ? [`lower gpu_memory_utilization to ${most / 100}`]
      : [`raise gpu_memory_utilization to ${least / 100}`]
  const budget = Math.min(...rooms.map(({ total }) => Math.ceil((total ?? 0) * (most / 100)) - fixed))
  const context = rounded(longestWithin(budget, (tokens) => demand.kv(tokens, 1), load.leastContext))
  if (short.length === 0 || !demand.shaped || context < shortest) return []
  return [`lower gpu_memory_utilization to ${most / 100} and max_model_len to ${context}`]
}

/** The same for a size that is pinned: of all that is taken, or of the KV cache alone. */
function otherSize({ demand, wishes, load, rooms }: Case): string[] {
  const fixed = (demand.weights ?? 0) + demand.overhead
  const least = demand.kv(load.leastContext, 1)
  const room = Math.min(...rooms.map(({ bytes }) => bytes ?? 0))
  if (fixed + least > room) return []
  if (wishes.shareBytes === null) return wishes.share === null ? [`set kv_cache_memory_bytes to ${room - fixed}`] : []
  const [most, needed] = [Math.floor(room / 2 ** 30), Math.ceil((fixed + least) / 2 ** 30)]
  if (needed > most) return []
  return [`set gpu_memory_utilization_gb to ${wishes.shareBytes > room ? most : needed}`]
}

function fewerSequences({ demand, claim, load, rooms }: Case, short: Room[]): string[] {
  if (claim.by !== 'needed' || short.length === 0 || demand.weights === null || load.sequences < 2) return []
  const room = Math.min(...rooms.map(({ bytes }) => bytes ?? Infinity)) - demand.weights - demand.overhead
  const sequences = longestWithin(room, (count) => demand.kv(load.context, count), load.sequences - 1)
  return sequences > 0 ? [`lower max_num_seqs to ${sequences}`] : []
}

/** The one thing to stop that is just enough on every host, or the fewest together. */
function stops(found: Case, short: Room[]): string[] {
  const each = short.map((room) => {
    const lack = lackOf(room, found)
    const candidates = room.ledger.uses.filter(
      ({ ends, name, service }) => !ends && (service !== null || name !== others),
    )
    const where = found.rooms.length > 1 ? ` on ${room.ledger.host}` : ''
    return enough(candidates, lack)?.map(
      (use) => `${use.service ? 'stop' : 'end'} ${use.name}${where} (${gib(use.bytes)})`,
    )
  })
  return each.length > 0 && each.every((list) => list !== undefined) ? [each.flat().join(' and ')] : []
}

function enough(uses: MemoryUse[], lack: number): MemoryUse[] | undefined {
  const sorted = uses.toSorted((a, b) => b.bytes - a.bytes)
  const single = sorted.findLast(({ bytes }) => bytes >= lack)
  if (single) return [single]
  let missing = lack
  const taken = sorted.filter(({ bytes }) => {
    if (missing <= 0) return false
    missing -= bytes
    return true
  })
  return missing <= 0 ? taken : undefined
}

/** Where not even an empty host would hold it. */
function smallerModel({ demand, load, rooms }: Case): string[] {
  if (demand.weights === null) return []
  const least = demand.weights + demand.overhead + demand.kv(Math.min(load.leastContext, shortest), 1)
  return rooms.some(({ total, ledger }) => total !== null && least > total - ledger.reserve_bytes) ? [smaller] : []
}

/** MemAvailable leaves out a part of the cache, and memory that a model ended with comes back slowly: both stand under the others. */
function pageCache(found: Case, short: Room[]): string[] {
  const hidden = short.map((room) => {
    const rest = room.ledger.uses.find(({ name, service }) => service === null && name === others)?.bytes ?? 0
    return { room, bytes: Math.min(room.ledger.cached_bytes ?? 0, rest) }
  })
  if (hidden.length === 0 || hidden.some(({ room, bytes }) => bytes < lackOf(room, found))) return []
  const hosts = hidden.map(({ room, bytes }) => `${room.ledger.host} (up to ${gib(bytes)})`)
  return [`wait, or drop the page cache on ${hosts.join(' and ')}`]
}

/** Contexts people write are multiples of 1024. */
const rounded = (context: number) => Math.floor(context / 1024) * 1024
