import { command } from './command'

/** Addresses and links of lab `number`. 198.18.0.0/15 is reserved for bench networks (RFC 2544), so it is nobody's LAN. */
export function address(number: number, host: number): string {
  return `198.18.${number}.${10 + host}`
}

const bridge = (number: number) => `lab${number}`
const hex = (byte: number) => byte.toString(16).padStart(2, '0')
const port = (number: number, host: number) => `lab${number}-${host}`

/** The switch that the hosts and this machine stand on. */
export async function createNetwork(number: number) {
  await removeNetwork(number)
  await command(['ip', 'link', 'add', bridge(number), 'type', 'bridge'])
  await command(['ip', 'addr', 'add', `198.18.${number}.1/24`, 'dev', bridge(number)])
  await command(['ip', 'link', 'set', bridge(number), 'up'])
}

/** Takes the switch away, if there is one. */
export async function removeNetwork(number: number) {
  await command(['ip', 'link', 'del', bridge(number)]).catch(() => {})
}

/** Puts a host on the switch: its `eth0` goes into the network namespace of process `pid`, and dies with it. */
export async function plug(number: number, host: number, pid: number) {
  const name = port(number, host)
  // A Spark keeps its hardware address over a boot; with another one this machine would go on sending to the old.
  const hardware = ['address', `02:00:00:00:${hex(number)}:${hex(host)}`]
  await command(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', ...hardware, 'netns', String(pid)])
  await command(['ip', 'link', 'set', name, 'master', bridge(number), 'up'])
}

/** Takes a host off the switch between one frame and the next, if it is on it. */
export async function unplug(number: number, host: number) {
  await command(['ip', 'link', 'del', port(number, host)]).catch(() => {})
}

/**
 * Closes or opens the switch's port of a host: no frame passes from this moment on. Taking the link down instead would
 * leave the moment open, since the kernel takes up to a second over a carrier that comes back.
 */
export async function setPort(number: number, host: number, open: boolean) {
  await command(['bridge', 'link', 'set', 'dev', port(number, host), 'state', open ? '3' : '0'])
}
