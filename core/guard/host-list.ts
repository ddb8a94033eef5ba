import { isIP } from 'node:net'

const name = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/**
 * May this `Host` header reach anything? IP literals and localhost always, other names only when listed.
 * A page of an attacker can point its own name at this address (DNS rebinding), and only the Host header shows it;
 * it cannot have an IP literal as its origin. Never throws.
 */
export function allowedHost(header: string | null, names: readonly string[]): boolean {
  const host = hostName(header)
  if (host === null) return false
  return isIP(host) !== 0 || host === 'localhost' || names.some((each) => each.toLowerCase() === host)
}

/** The bare lower-case host of a `Host` header, or null when it is malformed (two headers arrive as `a, b`). */
export function hostName(header: string | null): string | null {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(header ?? '')
  if (!match?.[1] || (match[2] !== undefined && Number(match[2]) > 65_535)) return null
  const host = match[1].toLowerCase().replace(/\.$/, '')
  if (host.startsWith('[')) return isIP(host.slice(1, -1)) === 6 ? host.slice(1, -1) : null
  return isIP(host) === 4 || name.test(host) ? host : null
}
