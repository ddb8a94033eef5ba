import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Addresses, type Interface, interfacesOf } from './interfaces'

/** Writes what the stand-in `ip` reads, and the files of /sys that tell of ports and their links. */
export function writeNetwork(directory: string, addresses: Addresses) {
  const all = interfacesOf(addresses)
  const file = (path: string, text: string | number) => {
    mkdirSync(join(directory, path, '..'), { recursive: true })
    writeFileSync(join(directory, path), `${text}\n`)
  }
  file('interfaces', all.map(row).join('\n'))
  for (const each of all) {
    const net = `sys/class/net/${each.name}`
    file(`${net}/operstate`, each.state.toLowerCase())
    file(`${net}/mtu`, each.mtu)
    file(`${net}/address`, each.mac ?? '00:00:00:00:00:00')
    file(`${net}/carrier`, each.flags.includes('LOWER_UP') ? 1 : 0)
    if (each.speed !== null) file(`${net}/speed`, each.speed)
    if (each.infiniband) writePort(`sys/class/infiniband/${each.infiniband}`, each, file)
  }
}

function writePort(device: string, { state, ipv4 }: Interface, file: (path: string, text: string) => void) {
  const up = state === 'UP'
  file(`${device}/node_type`, '1: CA')
  file(`${device}/ports/1/state`, up ? '4: ACTIVE' : '1: DOWN')
  file(`${device}/ports/1/phys_state`, up ? '5: LinkUp' : '3: Disabled')
  file(`${device}/ports/1/rate`, up ? '200 Gb/sec (4X HDR)' : '40 Gb/sec (4X QDR)')
  file(`${device}/ports/1/link_layer`, 'Ethernet')
  // RoCE v2 over IPv4 stands at index 3.
  if (ipv4) file(`${device}/ports/1/gids/3`, `0000:0000:0000:0000:0000:ffff:${mapped(ipv4.address)}`)
  if (ipv4) file(`${device}/ports/1/gid_attrs/types/3`, 'RoCE v2')
}

/** `index name flags state mtu link mac address prefix scope broadcast`, `-` for what there is not. */
function row({ name, flags, state, mtu, link, mac, ipv4 }: Interface, index: number): string {
  const broadcast = ipv4?.scope === 'global' && ipv4.prefix < 32 ? broadcastOf(ipv4.address, ipv4.prefix) : '-'
  const own = ipv4 ? [ipv4.address, ipv4.prefix, ipv4.scope] : ['-', '-', '-']
  return [index + 1, name, flags, state, mtu, link, mac ?? '-', ...own, broadcast].join(' ')
}

const broadcastOf = (address: string, prefix: number) =>
  address
    .split('.')
    .map((byte, at) => (at * 8 < prefix ? byte : '255'))
    .join('.')

const mapped = (address: string) =>
  address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('')
    .replace(/^(.{4})/, '$1:')
