import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  headers: Headers
  body: string
}

/**
 * Sends these bytes on a connection of their own and reads every answer until the server closes it.
 * `fetch` would correct what these tests send wrong on purpose.
 */
export function rawHttp(port: number, bytes: string): Promise<RawAnswer[]> {
  return new Promise((done, failed) => {
    const received: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.on('data', (data) => received.push(data))
    socket.on('close', () => done(answers(Buffer.concat(received).toString())))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that refuses a body half-way may reset; what it said first counts.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') done(answers(Buffer.concat(received).toString()))
      else failed(error)
    })
  })
}

/** A whole request that ends its connection; `host` is the header as it is sent, null for none. */
export function rawRequest(
  line: string,
  { host = '127.0.0.1', headers = [], body = '' }: { host?: string | null; headers?: string[]; body?: string } = {},
): string {
  const length = body === '' ? [] : [`content-length: ${Buffer.byteLength(body, 'latin1')}`]
  const all = [...(host === null ? [] : [`host: ${host}`]), ...headers, ...length, 'connection: close']
  return `${line} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`
}

function answers(text: string): RawAnswer[] {
  return text
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((part) => part.startsWith('HTTP/1.1 '))
    .map((part) => {
      const end = part.indexOf('\r\n\r\n')
      const [line = '', ...lines] = part.slice(0, end).split('\r\n')
      const pairs = lines.map((each): [string, string] => {
        const colon = each.indexOf(':')
        return [each.slice(0, colon), each.slice(colon + 1).trim()]
      })
      return { status: Number(line.split(' ')[1]), headers: new Headers(pairs), body: part.slice(end + 4) }
    })
}
