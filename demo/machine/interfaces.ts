/** A network interface as `ip`, /sys/class/net and /proc/net/dev show it. */
export interface Interface {
  name: string
  flags: string
  state: 'UP' | 'DOWN' | 'UNKNOWN'
  mtu: number
  /** `ether`, `loopback` or `none`, and the hardware address where there is one. */
  link: string
  mac: string | null
  /** Mbit/s, null where the driver tells none. */
  speed: number | null
  ipv4: { address: string; prefix: number; scope: 'host' | 'global' } | null
  /** The RDMA device on the same port. */
  infiniband: string | null
}

export interface Addresses {
  id: string
  /** Management address. */
  address: string
  fabric: string
}

/** Hosts that are in a VPN besides: the first, so that one tile of the demo has its badge. */
const VPN: Record<string, string> = { 'spark-1': '100.64.0.11' }
const CABLED = '<BROADCAST,MULTICAST,UP,LOWER_UP>'
const LOOSE = '<NO-CARRIER,BROADCAST,MULTICAST,UP>'

/** Every interface of a Spark in the order of its index: loopback, 10 GbE, the four faces of two QSFP ports, Wi-Fi, docker, a VPN. */
export function interfacesOf({ id, address, fabric }: Addresses): Interface[] {
  const last = Number(fabric.split('.').at(-1))
  const mac = (port: number) => `4c:bb:47:2a:${hex(port)}:${hex(last)}`
  const global = (own: string, prefix: number) => ({ address: own, prefix, scope: 'global' }) as const
  const qsfp = (name: string, infiniband: string, port: number, own: Interface['ipv4']): Interface => ({
    ...ethernet(name, mac(port), own),
    infiniband,
    mtu: own ? 9000 : 1500,
    speed: own ? 200_000 : -1,
  })
  const vpn = VPN[id]
  return [
    {
      ...ethernet('lo', null, { address: '127.0.0.1', prefix: 8, scope: 'host' }),
      flags: '<LOOPBACK,UP,LOWER_UP>',
      link: 'loopback',
      state: 'UNKNOWN',
      mtu: 65536,
    },
    { ...ethernet('enP7s7', mac(1), global(address, 24)), speed: 10_000 },
    qsfp('enp1s0f1np1', 'rocep1s0f1', 2, global(fabric, 24)),
    qsfp('enP2p1s0f1np1', 'roceP2p1s0f1', 3, global(fabric.replace(/\.177\./, '.178.'), 24)),
    qsfp('enp1s0f0np0', 'rocep1s0f0', 4, null),
    qsfp('enP2p1s0f0np0', 'roceP2p1s0f0', 5, null),
    ethernet('wlP9s9', mac(6), null),
    { ...ethernet('docker0', mac(7), global('172.17.0.1', 16)), state: 'DOWN', flags: LOOSE },
    ...(vpn ? [tunnel('tailscale0', global(vpn, 32))] : []),
  ]
}

function ethernet(name: string, mac: string | null, ipv4: Interface['ipv4']): Interface {
  const state = ipv4 ? 'UP' : 'DOWN'
  return {
    name,
    flags: ipv4 ? CABLED : LOOSE,
    state,
    mtu: 1500,
    link: 'ether',
    mac,
    speed: null,
    ipv4,
    infiniband: null,
  }
}

const tunnel = (name: string, ipv4: Interface['ipv4']): Interface => ({
  ...ethernet(name, null, ipv4),
  flags: '<POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP>',
  state: 'UNKNOWN',
  mtu: 1280,
  link: 'none',
})

const hex = (byte: number) => (byte & 255).toString(16).padStart(2, '0')
