export interface Payload {
  type: string
  /** When it happened, RFC 3339. */
  timestamp: string
  /** Rises by the order in which things were told; deliveries may arrive in another. */
  sequence: number
  data: Record<string, unknown>
}

// Standard Webhooks asks for less than 20 kB.
const mostBytes = 19_000
const mostText = 200
const mostValues = 12

/** The body of a message, below 20 kB: of data that are larger only plain values stay, and `truncated` says so. */
export function payload(message: Payload): string {
  const whole = JSON.stringify(message)
  if (Buffer.byteLength(whole) <= mostBytes) return whole
  return JSON.stringify({ ...message, data: { ...plain(message.data), truncated: true } })
}

function plain(data: Record<string, unknown>): Record<string, unknown> {
  const values = Object.entries(data).filter(([, value]) => typeof value !== 'object' || value === null)
  const short = values.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, mostText) : value])
  // A character takes at most 6 bytes in JSON.
  return Object.fromEntries(short.slice(0, mostValues))
}
