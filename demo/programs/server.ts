import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { cable } from '../machine/cable'
import type { Faults } from './faults'

/** One request as the stand-ins' handlers see it; `signal` fires when the client is gone. */
export interface Call {
  method: string
  path: string
  headers: IncomingMessage['headers']
  /** `127.0.0.1:41234`. */
  client: string
  signal: AbortSignal
  text(): Promise<string>
}

/** An answer: a text, or parts that are sent one by one as they come. */
export interface Reply {
  status?: number
  headers?: Record<string, string>
  body?: string | AsyncIterable<string>
}

export interface ServerOptions {
  address: string
  port: number
  /** The path that takes 30 s under the fault `busy`. */
  probe: string
  faults: Faults
  handle(call: Call): Reply | Promise<Reply>
  /** Called when an answer's status is known. */
  answered?(call: Call, status: number): void
}

const SLOW_MS = 5000
const BUSY_MS = 30_000
const PARTS_BEFORE_RESET = 3

/** Serves `handle` over HTTP and behaves as the faults say; resolves when the port is open, rejects when it is taken. */
export function serve(options: ServerOptions): Promise<{ port: number }> {
  const server = createServer((request, response) => void answer(options, request, response))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.address, () => {
      const bound = server.address()
      const port = typeof bound === 'object' && bound ? bound.port : options.port
      const link = cable(options.address, port)
      options.faults.onCut((cut) => (cut ? link.pull() : link.plug()))
      resolve({ port })
    })
  })
}

/** A JSON answer. */
export function json(value: unknown, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

async function answer(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults, probe } = options
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const call = readCall(request, gone.signal)
  try {
    await faults.released()
    const fault = faults.current()
    if (fault === 'slow') await Promise.race([Bun.sleep(SLOW_MS), faults.over('slow', call.signal)])
    if (fault === 'busy' && call.path === probe)
      await Promise.race([Bun.sleep(BUSY_MS), faults.over('busy', call.signal)])
    const reply = fault === 'bad-json' ? { ...json(null), body: '{"oops": ' } : await options.handle(call)
    await faults.released()
    if (gone.signal.aborted) return
    options.answered?.(call, reply.status ?? 200)
    await send(reply, response, gone.signal, faults)
  } catch {
    if (gone.signal.aborted) return
    if (response.headersSent) return void response.destroy()
    options.answered?.(call, 500)
    await send({ status: 500, body: 'Internal Server Error' }, response, gone.signal, faults)
  }
}

async function send(reply: Reply, response: ServerResponse, gone: AbortSignal, faults: Faults): Promise<void> {
  const { status = 200, headers = {}, body = '' } = reply
  response.writeHead(status, {
    server: 'uvicorn',
    ...headers,
    ...(typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {}),
  })
  if (typeof body === 'string') {
    if (faults.current() !== 'reset-mid-stream') return void response.end(body)
    response.write(body.slice(0, body.length / 2))
    return drop(response)
  }
  let parts = 0
  for await (const part of body) {
    await faults.released()
    if (gone.aborted) return
    response.write(part)
    if (faults.current() === 'reset-mid-stream' && ++parts >= PARTS_BEFORE_RESET) return drop(response)
  }
  response.end()
}

/** Lets the written bytes out before the connection breaks. */
async function drop(response: ServerResponse): Promise<void> {
  await Bun.sleep(100)
  response.socket?.destroy()
}

function readCall(request: IncomingMessage, signal: AbortSignal): Call {
  const { remoteAddress = '', remotePort = 0 } = request.socket
  return {
    method: request.method ?? 'GET',
    path: (request.url ?? '/').split('?')[0] ?? '/',
    headers: request.headers,
    client: `${remoteAddress}:${remotePort}`,
    signal,
    async text() {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part)
      return Buffer.concat(parts).toString('utf8')
    },
  }
}
