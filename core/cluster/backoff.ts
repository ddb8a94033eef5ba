/**
 * Wait before the next try to connect, full jitter: the first at once, then a random time up to a doubling cap.
 * @returns milliseconds
 */
export function backoff(attempt: number, { base = 250, cap = 15_000, random = Math.random } = {}): number {
  if (attempt <= 0) return 0
  return Math.round(random() * Math.min(cap, base * 2 ** (attempt - 1)))
}
