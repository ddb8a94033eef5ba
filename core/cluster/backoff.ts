/**
 * Wait before the next try, full jitter: the first at once, then a random time up to a doubling cap.
 * @returns milliseconds
 */
export function backoff(attempt: number, { base = 250, cap = 15_000, random = Math.random } = {}): number {
  if (attempt <= 0) return 0
  return Math.round(random() * Math.min(cap, base * 2 ** (attempt - 1)))
}

/**
 * Wait before the next try at an SSH server that turned us away: at most nine tries in the first minute, since sshd counts
 * each against this address (MaxStartups, PerSourcePenalties).
 * @returns milliseconds
 */
export function politeBackoff(attempt: number, random = Math.random): number {
  const most = Math.min(20_000, 2000 * 2 ** attempt)
  return Math.round(most / 2 + (random() * most) / 2)
}
