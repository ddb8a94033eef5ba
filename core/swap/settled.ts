import { type HostLedger, idleBytes, others } from '../models/memory/ledger'

/** The ledger as it will be once the memory of a model that has just ended is back: a GB10 gives it back within about a minute. */
export function settled(ledger: HostLedger): HostLedger {
  const { total_bytes: total, available_bytes: available, uses } = ledger
  if (total === null || available === null) return ledger
  const lingering = Math.max(0, (uses.find(({ name }) => name === others)?.bytes ?? 0) - idleBytes)
  return {
    ...ledger,
    available_bytes: Math.min(total, available + lingering),
    uses: uses.map((use) => (use.name === others ? { ...use, bytes: use.bytes - lingering } : use)),
  }
}
