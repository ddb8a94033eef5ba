import type { HostLedger, MemoryUse } from './ledger'

const GiB = 2 ** 30

/** What CUDA and Linux report as the total of a GB10, in GiB. */
const sparkTotal = 121.69

/** A Spark on which nothing but the system runs, for tests; `uses` in GiB stand beside it and lessen what is available. */
export function sampleLedger(
  host = 'spark-1',
  uses: (Omit<MemoryUse, 'bytes'> & { gib: number })[] = [],
  fields: Partial<HostLedger> = {},
): HostLedger {
  const system = 6
  const used = uses.reduce((sum, { gib }) => sum + gib, system)
  return {
    host,
    seen_at: '2026-11-23T06:00:00.000Z',
    total_bytes: sparkTotal * GiB,
    available_bytes: Math.floor((sparkTotal - used) * GiB),
    cached_bytes: 0,
    reserve_bytes: 4 * GiB,
    uses: [
      { service: null, name: 'system and others', bytes: system * GiB, ends: false },
      ...uses.map(({ gib, ...use }) => ({ ...use, bytes: Math.floor(gib * GiB) })),
    ],
    ...fields,
  }
}
