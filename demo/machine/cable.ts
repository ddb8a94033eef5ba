import { dlopen, FFIType, ptr } from 'bun:ffi'
import { list, read, target } from './files'

/** Pulls the cable of a port that this process serves, and plugs it in again. */
export interface Cable {
  /** From now on every packet to the port is dropped: no handshake, no reset, no acknowledgement. False where the system can't. */
  pull(): boolean
  plug(): void
}

const SOL_SOCKET = 1
const SO_ATTACH_FILTER = 26
const SO_DETACH_FILTER = 27

/**
 * The cable of `address`:`port`. Linux lets anyone attach a packet filter to his own socket; one that passes nothing on the
 * listener and on what it accepted is as silent as a cut link, which refusing or closing is not. Elsewhere `pull` says false.
 */
export function cable(address: string, port: number): Cable {
  /** Does every socket of the port take the option? */
  function each(option: number, value: Uint8Array): boolean {
    const set = setOption()
    const own = socketsOf(address, port)
    const taken = own.map((socket) => set?.(socket, SOL_SOCKET, option, ptr(value), value.length) === 0)
    return own.length > 0 && taken.every(Boolean)
  }

  return {
    pull: () => each(SO_ATTACH_FILTER, passNothing()),
    plug: () => void each(SO_DETACH_FILTER, new Uint8Array(4)),
  }
}

// struct sock_filter { BPF_RET | BPF_K, 0, 0, 0 }: zero bytes of every packet pass. Kept, since only its address is handed on.
const nothing = new Uint8Array([6, 0, 0, 0, 0, 0, 0, 0])

/** struct sock_fprog { unsigned short len; struct sock_filter *filter } */
function passNothing(): Uint8Array {
  const program = new DataView(new ArrayBuffer(16))
  program.setUint16(0, 1, true)
  program.setBigUint64(8, BigInt(ptr(nothing)), true)
  return new Uint8Array(program.buffer)
}

type SetOption = (socket: number, level: number, option: number, value: ReturnType<typeof ptr>, size: number) => number
let known: SetOption | null | undefined

function setOption(): SetOption | null {
  if (known === undefined) known = process.platform === 'linux' ? load() : null
  return known
}

function load(): SetOption | null {
  const { i32, u32, ptr: pointer } = FFIType
  for (const library of ['libc.so.6', 'libc.so']) {
    try {
      return dlopen(library, { setsockopt: { args: [i32, i32, i32, pointer, u32], returns: i32 } }).symbols.setsockopt
    } catch {}
  }
  return null
}

/** File descriptors of this process whose near end is that port: its listener, and every connection it took. */
function socketsOf(address: string, port: number): number[] {
  const near = `${hexAddress(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = read('/proc/self/net/tcp').split('\n').slice(1)
  const inodes = rows.flatMap((row) => {
    const fields = row.trim().split(/\s+/)
    return fields[1] === near ? [`socket:[${fields[9]}]`] : []
  })
  return list('/proc/self/fd')
    .filter((fd) => inodes.includes(target(`/proc/self/fd/${fd}`)))
    .map(Number)
}

/** As the kernel prints it on a little-endian machine: last byte first. */
const hexAddress = (address: string) =>
  address
    .split('.')
    .toReversed()
    .map((byte) => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
    .join('')
