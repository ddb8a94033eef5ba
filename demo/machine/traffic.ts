import type { Interface } from './interfaces'

interface Bytes {
  received: number
  sent: number
}

/** What each interface has passed since boot. */
export type Traffic = Record<string, Bytes>

const AT_BOOT: Bytes = { received: 81_000_000, sent: 64_000_000 }
const QUIET: Bytes = { received: 900, sent: 700 }
/** What a busy server adds in a second. Ranks talk over RDMA, which passes these counters by. */
const BUSY: Traffic = {
  lo: { received: 40_000, sent: 40_000 },
  enP7s7: { received: 18_000, sent: 95_000 },
}

/** `seconds` on; `activity` is the share of GPU work going on, 0 to 1. */
export function stepTraffic(traffic: Traffic, interfaces: Interface[], activity: number, seconds: number): Traffic {
  const grown = (quiet: number, busy = 0) =>
    Math.round((quiet + busy * activity) * seconds * (0.8 + Math.random() * 0.4))
  const carrying = interfaces.filter((one) => one.flags.includes('LOWER_UP'))
  return Object.fromEntries(
    interfaces.map(({ name }) => {
      const before = traffic[name] ?? AT_BOOT
      const received = before.received + grown(QUIET.received, BUSY[name]?.received)
      const sent = before.sent + grown(QUIET.sent, BUSY[name]?.sent)
      return [name, carrying.some((one) => one.name === name) ? { received, sent } : { received: 0, sent: 0 }]
    }),
  )
}

/** /proc/net/dev. */
export function netDev(traffic: Traffic): string {
  const counts = (bytes: number) => `${bytes} ${Math.ceil(bytes / 900)} 0 0 0 0 0 0`
  const rows = Object.entries(traffic).map(
    ([name, { received, sent }]) => `${name.padStart(6)}: ${counts(received)} ${counts(sent)}\n`,
  )
  return `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
${rows.join('')}`
}
