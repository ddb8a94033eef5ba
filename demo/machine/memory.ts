/** What one process holds of the unified memory, and since when. */
export interface Claim {
  pid: number
  /** As nvidia-smi shows it. */
  name: string
  bytes: number
  /** Milliseconds; the newest claimant is the one the kernel picks when memory runs out. */
  since: number
}

/** Memory of a process that has ended, on its way back. */
interface Lingering {
  bytes: number
  /** Milliseconds; when the process was seen to be gone. */
  since: number
}

export interface Memory {
  claims: Claim[]
  lingering: Lingering[]
  pageCache: number
  /** What the fault `out-of-memory` has eaten. */
  eaten: number
}

export interface MemoryPressure {
  /** Nothing comes back while this holds (fault `memory-not-released`). */
  held: boolean
  /** Something eats whatever is left (fault `out-of-memory`). */
  eating: boolean
  speed: number
  now: number
}

export const TOTAL_BYTES = 127600748 * 1024
const BASE_BYTES = 6 * 2 ** 30
const LEFT_WHEN_EATEN = 300 * 2 ** 20
const CACHE_SPARES = 2 * 2 ** 30

export const emptyMemory = (): Memory => ({ claims: [], lingering: [], pageCache: 2.5e9, eaten: 0 })

/** One step: `claims` are those of the living processes now. */
export function stepMemory(memory: Memory, claims: Claim[], { held, eating, speed, now }: MemoryPressure): Memory {
  const gone = memory.claims.filter((old) => !claims.some((claim) => claim.pid === old.pid))
  const returning = (1000 * 3) / Math.min(Math.max(speed, 1), 10)
  const lingering = [...memory.lingering, ...gone.map(({ bytes }) => ({ bytes, since: now }))].flatMap((one) => {
    if (held) return [{ ...one, since: now }]
    return now - one.since >= returning ? [] : [one]
  })
  const grown = claims.reduce((sum, { pid, bytes }) => {
    const before = memory.claims.find((claim) => claim.pid === pid)?.bytes ?? 0
    return sum + Math.max(0, bytes - before)
  }, 0)
  const next = { claims, lingering, eaten: 0, pageCache: memory.pageCache }
  const used = usedBytes(next, returning, now)
  const eaten = eating ? Math.max(memory.eaten, TOTAL_BYTES - LEFT_WHEN_EATEN - used) : 0
  const room = Math.max(0, TOTAL_BYTES - used - eaten - CACHE_SPARES)
  return { ...next, eaten, pageCache: Math.min(memory.pageCache + grown, room) }
}

/** Base, claims, and what lingers: it goes back in a straight line. */
export function usedBytes(memory: Omit<Memory, 'pageCache'>, returning: number, now: number): number {
  const claimed = memory.claims.reduce((sum, { bytes }) => sum + bytes, 0)
  const late = memory.lingering.reduce((sum, one) => sum + one.bytes * (1 - (now - one.since) / returning), 0)
  return BASE_BYTES + claimed + late + memory.eaten
}

/** The process the kernel would kill now, or null while everything fits. */
export function outOfMemoryVictim(memory: Memory, speed: number, now: number): Claim | null {
  const returning = (1000 * 3) / Math.min(Math.max(speed, 1), 10)
  if (usedBytes(memory, returning, now) <= TOTAL_BYTES) return null
  return memory.claims.toSorted((a, b) => b.since - a.since)[0] ?? null
}

/** /proc/meminfo as Linux writes it. */
export function meminfo(memory: Memory, speed: number, now: number): string {
  const returning = (1000 * 3) / Math.min(Math.max(speed, 1), 10)
  const used = Math.min(usedBytes(memory, returning, now), TOTAL_BYTES - LEFT_WHEN_EATEN)
  const free = Math.max(80 * 2 ** 20, TOTAL_BYTES - used - memory.pageCache)
  const available = Math.max(LEFT_WHEN_EATEN, Math.min(TOTAL_BYTES - used, free + memory.pageCache * 0.97))
  const kib = (bytes: number) => Math.round(bytes / 1024)
  const rows: [string, number][] = [
    ['MemTotal', kib(TOTAL_BYTES)],
    ['MemFree', kib(free)],
    ['MemAvailable', kib(available)],
    ['Buffers', 412340],
    ['Cached', kib(memory.pageCache)],
    ['SwapCached', 0],
    ['Active', kib(used * 0.2)],
    ['Inactive', kib(memory.pageCache * 0.8)],
    ['Dirty', 128],
    ['Writeback', 0],
    ['AnonPages', kib(used * 0.9)],
    ['Mapped', 612348],
    ['Shmem', 84212],
    ['Slab', 1404120],
    ['SReclaimable', 812340],
    ['SwapTotal', 16777212],
    ['SwapFree', memory.eaten > 0 ? 402112 : 16777212],
    ['HugePages_Total', 0],
    ['HugePages_Free', 0],
    ['Hugepagesize', 2048],
  ]
  return rows
    .map(
      ([name, value]) =>
        `${`${name}:`.padEnd(16)}${String(value).padStart(8)}${name.includes('Pages_') ? '' : ' kB'}\n`,
    )
    .join('')
}
