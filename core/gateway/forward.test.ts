import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import { echo, front, rawUpstream } from './front.sample'

const head = (type: string, more = '') => `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n${more}`
const chunked = (type = 'text/event-stream') => `${head(type)}Transfer-Encoding: chunked\r\n\r\n`
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const whole = (body: string, more = '') =>
  `${head('application/json', more)}Content-Length: ${body.length}\r\n\r\n${body}`

test.each([0, 1, 65_536, 65_537, 3_000_000])(
  'forward() passes %d bytes both ways: read before, of told length, and in chunks',
  async (size) => {
    const bytes = new Uint8Array(size).map((_, at) => (at * 31) % 251)
    await using up = echo()
    const sent = [
      { body: bytes, buffered: true },
      { body: bytes, buffered: false },
      { body: new Blob([bytes]).stream(), buffered: false },
    ]
    for (const { body, buffered } of sent) {
      await using gateway = front(up.port, { buffered })
      const answer = await fetch(gateway.url, { method: 'POST', body })
      expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true)
    }
  },
)

test('forward() passes a compressed body on as it came', async () => {
  const packed = Bun.gzipSync('{"answer":"yes"}')
  await using up = await rawUpstream(({ socket }) => {
    socket.write(`${head('application/json', 'Content-Encoding: gzip\r\n')}Content-Length: ${packed.length}\r\n\r\n`)
    socket.write(packed)
  })
  await using gateway = front(up.port)
  const answer = await fetch(gateway.url, { decompress: false })
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(packed)
})

test('forward() keeps the query, the method and the status', async () => {
  let line = ''
  await using up = await rawUpstream(({ socket, text }) => {
    line = text.split('\r\n')[0] ?? ''
    socket.write('HTTP/1.1 422 No\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}')
  })
  await using gateway = front(up.port)
  const answer = await fetch(`${gateway.url}?a=1&b=%2F#c`, { method: 'PUT', body: 'x' })
  expect([line, answer.status]).toEqual(['PUT /to?a=1&b=%2F HTTP/1.1', 422])
})

test('forward() lets only named headers pass, both ways', async () => {
  let asked = ''
  await using up = await rawUpstream(({ socket, text }) => {
    asked = text.toLowerCase()
    const dropped =
      'Set-Cookie: a=b\r\nServer: x\r\nAccess-Control-Allow-Origin: *\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n'
    socket.write(whole('{}', `${dropped}Retry-After: 7\r\nConnection: X-Hop, keep-alive\r\n`))
  })
  await using gateway = front(up.port, { buffered: true })
  const answer = await fetch(gateway.url, {
    method: 'POST',
    body: '{}',
    headers: {
      cookie: 'session=1',
      authorization: 'Bearer k',
      'x-forwarded-for': '192.0.2.9',
      te: 'trailers',
      'x-hop': '1',
      'openai-beta': 'kept',
      'content-type': 'application/json',
    },
  })
  for (const name of ['cookie', 'authorization', 'x-forwarded-for', 'te', 'x-hop'])
    expect(asked).not.toContain(`\n${name}:`)
  for (const line of [
    'openai-beta: kept',
    'content-type: application/json',
    'x-request-id: request-1',
    'accept-encoding: identity',
  ]) {
    expect(asked).toContain(`\n${line}`)
  }
  for (const name of ['set-cookie', 'server', 'access-control-allow-origin', 'keep-alive', 'x-hop']) {
    expect([name, answer.headers.get(name)]).toEqual([name, null])
  }
  expect(answer.headers.get('retry-after')).toBe('7')
  expect([answer.headers.get('x-spark-service'), answer.headers.get('x-spark-host')]).toEqual(['up', 'h'])
})

test('forward() refuses an upstream that redirects', async () => {
  await using up = await rawUpstream(({ socket }) =>
    socket.write('HTTP/1.1 307 Over there\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n'),
  )
  await using gateway = front(up.port)
  const answer = await fetch(gateway.url, { redirect: 'manual' })
  expect([answer.status, answer.headers.get('location'), await code(answer)]).toEqual([
    502,
    null,
    'upstream_redirected',
  ])
})

test('forward() sends a buffered body again when a kept-alive connection turns out stale', async () => {
  const bodies: [number, string | undefined][] = []
  await using up = await rawUpstream(({ socket, text, connection }) => {
    bodies.push([connection, text.split('\r\n\r\n')[1]])
    // The first connection answers once and dies under the second request, as uvicorn's do after 5 s.
    if (connection === 0 && bodies.length === 2) return socket.resetAndDestroy()
    socket.write(whole('{}'))
  })
  await using gateway = front(up.port, { buffered: true })
  for (const body of ['{"n":1}', '{"n":2}']) {
    expect((await fetch(gateway.url, { method: 'POST', body })).status).toBe(200)
  }
  expect(bodies).toEqual([
    [0, '{"n":1}'],
    [0, '{"n":2}'],
    [1, '{"n":2}'],
  ])
})

test('forward() says 503 when nothing listens and 502 when the upstream breaks off before it answers', async () => {
  const gone = await rawUpstream(() => {})
  await gone[Symbol.asyncDispose]()
  await using nowhere = front(gone.port)
  const refused = await fetch(nowhere.url)
  expect([refused.status, await code(refused)]).toEqual([503, 'upstream_down'])
  await using up = await rawUpstream(({ socket }) => socket.resetAndDestroy())
  await using gateway = front(up.port)
  const broken = await fetch(gateway.url, { method: 'POST', body: '{}' })
  expect([broken.status, await code(broken)]).toEqual([502, 'upstream_failed'])
})

test('forward() says 504 when the upstream stays silent, and lets go of it', async () => {
  const closed = Promise.withResolvers<void>()
  await using up = await rawUpstream(({ socket }) => void socket.on('close', () => closed.resolve()))
  await using gateway = front(up.port, { idleMs: 300, buffered: true })
  const answer = await fetch(gateway.url, { method: 'POST', body: '{}' })
  expect([answer.status, await code(answer)]).toEqual([504, 'upstream_timeout'])
  await closed.promise
})

test('forward() counts only the silence of the upstream, not a client that reads slowly', async () => {
  const size = 40_000_000
  await using up = await rawUpstream(({ socket }) => {
    socket.write(`${head('audio/wav')}Content-Length: ${size}\r\n\r\n`)
    socket.write(new Uint8Array(size))
  })
  await using gateway = front(up.port, { idleMs: 300 })
  const client = connect(gateway.port, '127.0.0.1')
  client.write('GET /from HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  await new Promise((first) => client.once('readable', first))
  await Bun.sleep(900)
  let received = 0
  for await (const bytes of client) received += (bytes as Buffer).length
  expect(received).toBeGreaterThan(size)
})

test('forward() counts an upload that goes on as no silence', async () => {
  await using up = echo()
  await using gateway = front(up.port, { idleMs: 300 })
  const slow = new ReadableStream({
    async start(controller) {
      for (let sent = 0; sent < 9; sent++) {
        controller.enqueue('part')
        await Bun.sleep(100)
      }
      controller.close()
    },
  })
  const answer = await fetch(gateway.url, { method: 'POST', body: slow })
  expect(await answer.text()).toBe('part'.repeat(9))
})

test.each(['before its answer', 'in its answer'])(
  'forward() ends the work of the upstream when the client leaves %s',
  async (when) => {
    const asked = Promise.withResolvers<void>()
    const left = Promise.withResolvers<void>()
    await using up = await rawUpstream(({ socket }) => {
      socket.on('close', () => left.resolve())
      if (when === 'in its answer') socket.write(chunked() + chunk('data: 1\n\n'))
      asked.resolve()
    })
    await using gateway = front(up.port, { buffered: true })
    const leave = new AbortController()
    const answer = fetch(gateway.url, { method: 'POST', body: '{}', signal: leave.signal })
    answer.catch(() => {})
    await asked.promise
    if (when === 'in its answer') await (await answer).body?.getReader().read()
    leave.abort()
    expect(await Promise.race([left.promise.then(() => 'left'), Bun.sleep(2000)])).toBe('left')
  },
)

test('forward() passes each event on before the next one comes', async () => {
  const next: (() => void)[] = []
  await using up = await rawUpstream(({ socket }) => {
    socket.write(chunked() + chunk('data: 0\n\n'))
    for (let n = 1; n < 4; n++) next.push(() => socket.write(chunk(`data: ${n}\n\n`)))
    next.push(() => socket.write('0\r\n\r\n'))
  })
  await using gateway = front(up.port)
  const seen: string[] = []
  // Every event is asked for only when the one before it has arrived: held back, the test would not end.
  for await (const bytes of (await fetch(gateway.url)).body ?? []) {
    seen.push(Buffer.from(bytes).toString())
    next.shift()?.()
  }
  expect(seen).toEqual([0, 1, 2, 3].map((n) => `data: ${n}\n\n`))
})

test.each([
  ['dies', (kill: () => void) => kill()],
  ['falls silent', () => {}],
])('forward() ends a stream whose upstream %s with one error event and a broken connection', async (_, end) => {
  await using up = await rawUpstream(({ socket }) => {
    socket.write(chunked() + chunk('data: 1\n\n'), () => setTimeout(() => end(() => socket.destroy()), 20))
  })
  await using gateway = front(up.port, { idleMs: 300 })
  const text = await rawAnswer(gateway.port)
  expect(text).toContain('data: 1\n\n')
  expect(text.match(/^event: error$/gm)?.length).toBe(1)
  expect(JSON.parse(/^event: error\ndata: (.*)$/m.exec(text)?.[1] ?? '{}').error.code).toBe('upstream_died')
  expect(text).not.toContain('\r\n0\r\n\r\n')
})

test('forward() breaks any other answer off where its upstream did', async () => {
  await using up = await rawUpstream(({ socket }) => {
    socket.write(chunked('audio/wav') + chunk('RIFF'), () => setTimeout(() => socket.destroy(), 20))
  })
  await using gateway = front(up.port)
  const text = await rawAnswer(gateway.port)
  expect(text).toContain('RIFF')
  expect(text).not.toContain('event: error')
  expect(text).not.toContain('\r\n0\r\n\r\n')
})

async function code(answer: Response): Promise<string> {
  return ((await answer.json()) as { error: { code: string } }).error.code
}

/** Everything that comes on the wire until the connection ends, framing included. */
function rawAnswer(port: number): Promise<string> {
  return new Promise((done) => {
    let text = ''
    const socket = connect(port, '127.0.0.1')
    socket.on('data', (bytes) => (text += bytes.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => done(text))
    socket.write('GET /from HTTP/1.1\r\nHost: x\r\n\r\n')
  })
}
