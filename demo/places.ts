import { join } from 'node:path'
import type { HostLayout } from './layout'
import { bindable, usablePort } from './machine/ports'

/** Ports of the demo's services. */
export interface DemoPorts {
  llm: number
  embed: number
  comfy: number
  hub: number
}

export interface PlaceOptions {
  directory: string
  hosts: number
  firstAddress: string
  speed: number
  launcher: 'new' | 'old'
  ports: 'preferred' | 'free'
}

export interface Places {
  head: HostLayout
  /** Where the http services stand: the second host, or the only one. */
  second: HostLayout
  all: HostLayout[]
  /** Where the simulated hub listens. */
  hubAddress: string
  ports: DemoPorts
}

const PREFERRED = { ssh: 2222, llm: 8888, embed: 8088, comfy: 8188, hub: 8099 }

/** Decides where every host and service listens; a preferred port that is busy gives way to a free one. */
export async function findPlaces({
  directory,
  hosts,
  firstAddress,
  speed,
  launcher,
  ports,
}: PlaceOptions): Promise<Places> {
  const usable = (address: string, preferred: number) => usablePort(address, ports === 'preferred' ? preferred : 0)
  const all: HostLayout[] = []
  const hubAddress = await addressOfHub(firstAddress)
  const hubPort = await usable(hubAddress, PREFERRED.hub)
  for (const [index, address] of (await hostAddresses(hosts, firstAddress)).entries()) {
    const id = `spark-${index + 1}`
    const taken = all.filter((other) => other.address === address).length
    const sshPort = await usable(address, PREFERRED.ssh + taken)
    const fabric = `192.168.177.${11 + index}`
    all.push({
      id,
      address,
      sshPort,
      fabric,
      directory: join(directory, 'hosts', id),
      cluster: directory,
      speed,
      launcher,
      hub: `http://${hubAddress}:${hubPort}`,
    })
  }
  const [head, second = head] = all
  if (!head || !second) throw new Error('hosts: at least one is needed; give a number from 1')
  const llm = await usable(head.address, PREFERRED.llm)
  const embed = await usable(second.address, PREFERRED.embed)
  const comfy = await usable(second.address, PREFERRED.comfy)
  return { head, second, all, hubAddress, ports: { llm, embed, comfy, hub: hubPort } }
}

/** The address before the first host's, where the system has the whole of 127/8: what stands there is no Spark. */
async function addressOfHub(first: string): Promise<string> {
  const at = first.lastIndexOf('.')
  const own = `${first.slice(0, at)}.${Number(first.slice(at + 1)) - 1}`
  return (await bindable(own)) ? own : '127.0.0.1'
}

/** 127.0.0.11, .12, … where the system has the whole of 127/8, else 127.0.0.1 for every host (macOS). */
async function hostAddresses(count: number, first: string): Promise<string[]> {
  const at = first.lastIndexOf('.')
  const own = Array.from(
    { length: count },
    (_, index) => `${first.slice(0, at)}.${Number(first.slice(at + 1)) + index}`,
  )
  const usable = await Promise.all(own.map(bindable))
  return usable.every(Boolean) ? own : own.map(() => '127.0.0.1')
}
