/** One TCP port on which something listens. */
export interface Listening {
  /** IPv4 or IPv6 literal, `0.0.0.0` or `::` for all. */
  address: string
  port: number
}

const script = 'ss -ltnH 2>/dev/null || cat /proc/net/tcp /proc/net/tcp6 2>/dev/null'

/** Lists the listening TCP ports of a host; needs no rights. */
export function listeningCommand(): string[] {
  return ['sh', '-c', script]
}

/**
 * Reads what it printed, lowest port first, each port once.
 * @param asked the host's address as this controller reaches it; what cannot be reached by it is left out
 */
export function readListening(text: string, asked: string): Listening[] {
  const found = text.split('\n').flatMap((line) => ofSs(line) ?? ofProc(line) ?? [])
  const byPort = new Map(found.filter(({ address }) => reachable(address, asked)).map((each) => [each.port, each]))
  return [...byPort.values()].toSorted((a, b) => a.port - b.port)
}

function ofSs(line: string): Listening | null {
  const [, address, port] = /^LISTEN\s+\d+\s+\d+\s+(\S+):(\d{1,5})\s/.exec(`${line} `) ?? []
  if (address === undefined) return null
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  return { address: bare === '*' ? '0.0.0.0' : bare, port: Number(port) }
}

// 0A is LISTEN; the address is little-endian, and all that matters of IPv6 is whether it is ::1.
function ofProc(line: string): Listening | null {
  const [, address = '', port] = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ 0A /.exec(line) ?? []
  if (port === undefined) return null
  return { address: address.length === 8 ? ipv4(address) : ipv6(address), port: Number.parseInt(port, 16) }
}

function ipv4(hex: string): string {
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((each) => Number.parseInt(each, 16))
    .join('.')
}

function ipv6(hex: string): string {
  return /^0{24}01000000$/.test(hex) ? '::1' : '::'
}

const reachable = (address: string, asked: string) => address === asked || address === '0.0.0.0' || address === '::'
