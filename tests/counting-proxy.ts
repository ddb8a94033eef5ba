import { connect, createServer, type Socket } from 'node:net'

export interface CountingProxy {
  port: number
  /** Connections that came so far. */
  readonly count: number
  stop(): void
}

/** Passes connections on to `port` of the same address, and counts them. */
export async function countingProxy(address: string, port: number): Promise<CountingProxy> {
  const open = new Set<Socket>()
  let count = 0
  const server = createServer((from) => {
    count++
    const to = connect({ host: address, port })
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound ? bound.port : 0,
    get count() {
      return count
    },
    stop() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
