import { afterEach, expect, test } from 'bun:test'
import { createServer, type Server, type Socket } from 'node:net'
import { type Clock, systemClock } from '../clock'
import { post } from './post'

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** A server that does with each connection as told; its port. */
async function raw(act: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    act(socket)
  })
  open.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

/** Its limits come 100 times sooner. */
const hasty: Clock = { ...systemClock, after: (ms, act) => systemClock.after(ms / 100, act) }

const send = (port: number, { clock = systemClock, path = '/', signal = new AbortController().signal } = {}) =>
  post({
    url: new URL(`http://127.0.0.1:${port}${path}`),
    address: '127.0.0.1',
    headers: { 'webhook-id': 'msg_1' },
    body: '{"a":"ä"}',
    clock,
    signal,
  })

test('post() sends the body whole, with the name of the URL, over a connection that it ends', async () => {
  let text = ''
  const port = await raw((socket) =>
    socket.on('data', (bytes) => {
      text += bytes
      if (text.includes('"ä"')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    }),
  )
  expect(await send(port, { path: '/a%20b?c=d' })).toEqual({ status: 200, retryAfter: null, text: '' })
  const [head = '', body] = text.split('\r\n\r\n')
  expect(head.split('\r\n')).toEqual([
    'POST /a%20b?c=d HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'user-agent: spark-control',
    'content-type: application/json',
    'content-length: 10',
    'accept: */*',
    'connection: close',
    'webhook-id: msg_1',
  ])
  expect(body).toBe('{"a":"ä"}')
})

test('post() says why there was no answer', async () => {
  await expect(send(await raw((socket) => socket.end()))).rejects.toThrow('it closed the connection without an answer')
  await expect(send(await raw((socket) => socket.write('220 mail\r\n')))).rejects.toThrow('it does not speak HTTP')
  const quiet = await raw(() => {})
  await expect(send(quiet, { clock: hasty })).rejects.toThrow('no answer within 15 s')
  const gone = await raw(() => {})
  for (const server of open.splice(0)) server.close()
  await expect(send(gone)).rejects.toThrow('nothing listens there')
})

test('post() takes the answer of one who drips its body for ever', async () => {
  const port = await raw((socket) => socket.write('HTTP/1.1 202 Accepted\r\n\r\n.'))
  expect(await send(port, { clock: hasty })).toMatchObject({ status: 202 })
})

test('post() ends with its signal', async () => {
  const ending = new AbortController()
  const port = await raw(() => ending.abort())
  await expect(send(port, { signal: ending.signal })).rejects.toThrow('this controller ended')
})

test('post() goes past a proxy of the environment', async () => {
  const before = process.env.http_proxy
  process.env.http_proxy = 'http://127.0.0.1:1'
  try {
    const port = await raw((socket) => socket.end('HTTP/1.1 204 x\r\n\r\n'))
    expect(await send(port)).toMatchObject({ status: 204 })
  } finally {
    if (before === undefined) delete process.env.http_proxy
    else process.env.http_proxy = before
  }
})
