import { lookup } from 'node:dns/promises'
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type Clock, sleep } from '../clock'
import { refusedAddress } from '../config/webhook-url'

const lookupMs = 3000

/** A target cannot be reached, or is refused; the message goes into the delivery's record. */
export class TargetError extends Error {
  override name = 'TargetError'
}

/**
 * The one IPv4 address that an attempt connects to; a name is resolved once, so that what was looked at is what is used.
 * @param controlPort where this controller itself listens: a message to it would be a command by nobody
 * @throws {TargetError}
 */
export async function targetAddress(url: URL, controlPort: number | null, clock: Clock): Promise<string> {
  const address = isIPv4(url.hostname) ? url.hostname : await resolved(url.hostname, clock)
  const refused = refusedAddress(address)
  if (refused !== null) throw new TargetError(`refused: ${address} ${refused}; correct the address under webhooks`)
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  if (port === controlPort && isOwn(address))
    throw new TargetError(
      `refused: ${address}:${port} is this controller itself; write the receiver's address under webhooks`,
    )
  return address
}

async function resolved(name: string, clock: Clock): Promise<string> {
  const found = await Promise.race([lookup(name, { family: 4 }).catch(() => null), sleep(clock, lookupMs)])
  if (!found) throw new TargetError(`the name ${name} has no IPv4 address; write the address under webhooks`)
  return found.address
}

function isOwn(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return address.startsWith('127.') || own.some((each) => each.address === address)
}
