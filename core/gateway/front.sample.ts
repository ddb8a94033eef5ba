import { createServer, type Socket } from 'node:net'
import { ApiError } from './api-error'
import { forward } from './forward'

/** What the upstream of a test received on one connection, and the socket to answer on. */
export interface Call {
  socket: Socket
  text: string
  /** Which connection this is, from 0. */
  connection: number
}

export interface Front extends AsyncDisposable {
  url: string
  port: number
}

/** A server that only forwards, as the product's does, to one upstream. `buffered` reads the request's body first. */
export function front(upstreamPort: number, { idleMs = 10_000, buffered = false, path = '/to' } = {}): Front {
  const upstream = { service: 'up', host: 'h', origin: `http://127.0.0.1:${upstreamPort}`, model: null, idleMs }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    development: false,
    async fetch(request) {
      try {
        const body = buffered ? await request.bytes() : undefined
        return await forward(request, upstream, { path, requestId: 'request-1', body })
      } catch (error) {
        if (error instanceof ApiError) return error.response()
        throw error
      }
    },
  })
  return running(server.port ?? 0, () => server.stop(true))
}

/** An upstream that sends every body back as `audio/wav`. */
export function echo(): Front {
  const headers = { 'content-type': 'audio/wav' }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => new Response(await request.arrayBuffer(), { headers }),
  })
  return running(server.port ?? 0, () => server.stop(true))
}

/** An upstream that speaks HTTP byte by byte: `answer` is called with each complete request head. */
export async function rawUpstream(answer: (call: Call) => unknown): Promise<Front> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    const connection = connections++
    let text = ''
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (!complete(text)) return
      const call = { socket, text, connection }
      text = ''
      answer(call)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  return running(typeof address === 'object' && address ? address.port : 0, async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((closed) => server.close(closed))
  })
}

function running(port: number, stop: () => Promise<unknown>): Front {
  return {
    url: `http://127.0.0.1:${port}/from`,
    port,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

function complete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0)
  return text.length - end - 4 >= length
}
