import { lookup } from 'node:dns/promises'
import { isIPv4 } from 'node:net'

/**
 * The IPv4 address of a host: a literal as it is, a name resolved once.
 * vLLM and its neighbours bind IPv4 only, and HTTP clients hang on a dead IPv6 answer, so nothing else is ever used.
 * @throws {Error} when the name has no IPv4 address within `timeoutMs`.
 */
export async function resolveAddress(address: string, timeoutMs = 2000): Promise<string> {
  if (isIPv4(address)) return address
  const late = Bun.sleep(timeoutMs).then(() => null)
  const found = await Promise.race([lookup(address, { family: 4 }).catch(() => null), late])
  if (!found) throw new Error(`${address}: has no IPv4 address; use the IP address of that Spark`)
  return found.address
}
