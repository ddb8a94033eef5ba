import { isVpn } from '../cluster/vpn-interface'
import type { FoundSpark } from './found'

/** The Sparks that are really different machines, and what is to be said about them. */
export interface Distinct {
  sparks: FoundSpark[]
  remarks: string[]
}

/**
 * Takes out the second address of a machine that was given twice.
 * The boot id, drawn anew at each start, together with the host key says which is which; the machine id says nothing,
 * because Sparks that were cloned from one image share it.
 */
export function distinct(all: FoundSpark[]): Distinct {
  const sparks: FoundSpark[] = []
  const remarks: string[] = []
  for (const spark of all) {
    const twin = sparks.find((other) => sameMachine(spark, other))
    if (twin) {
      remarks.push(
        `${spark.target.address} and ${twin.target.address} are one machine; it stays under ${twin.target.address}`,
      )
      continue
    }
    remarks.push(...sparks.flatMap((other) => cloned(spark, other)), ...remarksOn(spark))
    sparks.push(spark)
  }
  return {
    sparks: sparks.map((spark, index) => ({ ...spark, id: `spark-${index + 1}` })),
    remarks: [...new Set(remarks)],
  }
}

function sameMachine(one: FoundSpark, other: FoundSpark): boolean {
  if (one.target.sshPort === other.target.sshPort && placeOf(one) === placeOf(other)) return true
  const boot = one.seen?.bootId
  return Boolean(boot) && boot === other.seen?.bootId && one.fingerprint === other.fingerprint
}

function placeOf({ target, resolved }: FoundSpark): string {
  return resolved ?? target.address.toLowerCase()
}

function cloned(one: FoundSpark, other: FoundSpark): string[] {
  const pair = `${other.target.address} and ${one.target.address}`
  const found: string[] = []
  if (one.seen?.machineId && one.seen.machineId === other.seen?.machineId)
    found.push(
      `${pair} share one machine id, as Sparks from one image do; Spark Control tells them apart, but a router may give both the same address (fixed addresses, or a new /etc/machine-id, prevent that)`,
    )
  if (one.fingerprint !== null && one.fingerprint === other.fingerprint)
    found.push(
      `${pair} show the same SSH host key, so one could pass for the other; make a new one on either: sudo rm /etc/ssh/ssh_host_* && sudo ssh-keygen -A`,
    )
  return found
}

function remarksOn({ target, resolved, seen }: FoundSpark): string[] {
  const found: string[] = []
  if (/\.local\.?$/i.test(target.address) && resolved !== null)
    found.push(
      `${target.address} was resolved once, to ${resolved}, which stands in the configuration; give that Spark a fixed address in your router`,
    )
  const at = seen?.addresses.find(({ address }) => address === resolved)
  if (at && isVpn(at.name))
    found.push(`${target.address} is the address of a VPN (${at.name}); its LAN address is faster`)
  return found
}
