/** What is known of a flow of bytes by its last seconds. */
export interface Speed {
  bytesS: number | null
  /** Seconds until the end at this rate; null where the end or the rate is not known. */
  etaS: number | null
  /** Seconds since the last byte. */
  stillS: number
}

const windowMs = 15_000
const leastMs = 1500

/** Makes the reader of a flow: told how much is there and when, it says how fast it grows. */
export function speedometer(): (doneBytes: number, totalBytes: number | null, atMs: number) => Speed {
  let samples: { bytes: number; at: number }[] = []
  let moved: { bytes: number; at: number } | null = null

  return function read(bytes, total, at) {
    if (moved === null || bytes !== moved.bytes) moved = { bytes, at }
    // Less than before: a client began a file anew, and what was counted says nothing of the rate.
    if (bytes < (samples.at(-1)?.bytes ?? 0)) samples = []
    samples = [...samples.filter((each, n) => at - each.at <= windowMs || n === samples.length - 1), { bytes, at }]
    const [first] = samples
    const passed = first ? at - first.at : 0
    const bytesS = first && passed >= leastMs ? ((bytes - first.bytes) * 1000) / passed : null
    const etaS = bytesS && total !== null ? Math.max(0, Math.ceil((total - bytes) / bytesS)) : null
    return { bytesS: bytesS === null ? null : Math.round(bytesS), etaS, stillS: (at - moved.at) / 1000 }
  }
}
