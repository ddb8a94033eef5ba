type Problem = { problem: string; remedy: string }

/** What is wrong with an address as written under `hosts:`, or null: an IPv4 literal or an RFC 1123 name is right. */
export function addressProblem(address: string): Problem | null {
  if (address.includes('://')) return wrong('is a URL', 'write only the address')
  if (address.includes('@')) return wrong('holds a user name', 'put it under user')
  if (/^\[|:.*:/.test(address))
    return wrong('is an IPv6 address', 'vLLM and its neighbours bind IPv4 only; use the IPv4 address')
  if (address.includes(':')) return wrong('holds a port', 'put it under ssh_port')
  if (address.includes('/')) return wrong('holds a "/"', 'write only the address')
  if (/\.local\.?$/i.test(address)) {
    return wrong('ends in .local', 'names ending in .local cannot be resolved from a container; use the IP address')
  }
  // A name whose last label is a number is read as an IPv4 address by every resolver, in forms nobody means (192.168.1, 0300.1).
  if (/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(address)) return ipv4Problem(address)
  const labels = address.split('.')
  const sane = address.length <= 253 && labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
  return sane ? null : wrong('is neither an IPv4 address nor a host name', 'use the IP address')
}

function ipv4Problem(address: string): Problem | null {
  const parts = address.split('.')
  const whole = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  if (!whole) return wrong('is not an IPv4 address', 'write four numbers from 0 to 255, without leading zeros')
  const first = Number(parts[0])
  if (first === 0) return wrong('means "any address"', 'use the address of the Spark itself')
  if (first >= 224) return wrong('is a multicast or reserved address', 'use the address of the Spark itself')
  return null
}

const wrong = (problem: string, remedy: string): Problem => ({ problem, remedy })
