import type { HostLedger, MemoryUse } from './ledger'

/** What a launch may take on one host. */
export interface Room {
  ledger: HostLedger
  total: number | null
  /** Less than nothing where even the reserve is in use. */
  bytes: number | null
  /** What ends there without telling how much it gives back. */
  untold: MemoryUse | null
}

/**
 * Available, and what the models it replaces give back, less the reserve. The page cache is in what is available already, as far
 * as the kernel would give it up; and no figure of a use can make the room larger than the host.
 */
export function roomOf(ledger: HostLedger): Room {
  const { available_bytes: available, reserve_bytes: reserve, uses } = ledger
  const total = ledger.total_bytes !== null && ledger.total_bytes > 0 ? ledger.total_bytes : null
  const untold = uses.find(({ bytes, ends }) => ends && bytes === 0) ?? null
  if (total === null || available === null) return { ledger, total, bytes: null, untold }
  const stays = sum(uses.filter(({ ends }) => !ends))
  const back = sum(uses.filter(({ ends }) => ends))
  return { ledger, total, bytes: Math.floor(Math.min(available + back, total - stays) - reserve), untold }
}

const sum = (uses: MemoryUse[]) => uses.reduce((total, { bytes }) => total + bytes, 0)
