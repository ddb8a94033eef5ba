import { connect, createServer } from 'node:net'

/** `wanted` where it can be bound on `address`, else a port found free; with `wanted` 0 always a free one. */
export async function usablePort(address: string, wanted: number): Promise<number> {
  const port = (await bind(address, wanted)) ?? (await bind(address, 0))
  if (port === null) throw new Error(`${address}: no port can be bound; free the address or choose another`)
  return port
}

/** Can a server stand on this address here? macOS has 127.0.0.1 only. */
export const bindable = async (address: string) => (await bind(address, 0)) !== null

/** Is there a server behind the port? */
export function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    const end = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}

function bind(address: string, port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, address, () => {
      const bound = server.address()
      const found = bound !== null && typeof bound === 'object' ? bound.port : null
      server.close(() => resolve(found))
    })
  })
}
