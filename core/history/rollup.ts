/** Figures of a stretch of time, rolled into one. */
export interface Bucket {
  total: number
  low: number
  high: number
  count: number
}

/** Adds what `more` holds to the bucket of `at`; the order in which buckets come does not matter. */
export function addTo(buckets: Map<number, Bucket>, at: number, more: Bucket): void {
  const known = buckets.get(at)
  if (!known) {
    buckets.set(at, { ...more })
    return
  }
  known.total += more.total
  known.low = Math.min(known.low, more.low)
  known.high = Math.max(known.high, more.high)
  known.count += more.count
}

/** One figure as a bucket. */
export function bucketOf(value: number): Bucket {
  return { total: value, low: value, high: value, count: 1 }
}

/** The mean, which rounding must not push outside of what it is the mean of. */
export function mean({ total, low, high, count }: Bucket): number {
  return Math.min(high, Math.max(low, total / count))
}

/** Rolls buckets into longer ones of `step`, in the unit of their times. */
export function rollup(buckets: Iterable<readonly [number, Bucket]>, step: number): Map<number, Bucket> {
  const rolled = new Map<number, Bucket>()
  for (const [at, bucket] of buckets) addTo(rolled, startOf(at, step), bucket)
  return rolled
}

/** The begin of the step in which a time lies. */
export function startOf(at: number, step: number): number {
  return Math.floor(at / step) * step
}
