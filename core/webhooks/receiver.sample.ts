export interface Received {
  id: string
  path: string
  /** `webhook-timestamp`. */
  at: number
  signature: string
  body: string
  type: string
  sequence: number
}

export interface Receiver {
  /** Origin, without a slash at its end. */
  url: string
  got: Received[]
  /** How it answers from now on; a 200 at first. `hang`: not at all. */
  answers(how: (() => Response) | 'hang'): void
  /** Requests that it has and does not answer. */
  readonly hanging: number
  stop(): Promise<void>
}

/** A real HTTP server that notes what it gets. */
export function receiver(port = 0): Receiver {
  const got: Received[] = []
  let how: (() => Response) | 'hang' = () => new Response('ok')
  let hanging = 0
  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    async fetch(request) {
      const body = await request.text()
      const header = (name: string) => request.headers.get(name) ?? ''
      const { type, sequence } = JSON.parse(body) as { type: string; sequence: number }
      got.push({
        id: header('webhook-id'),
        path: new URL(request.url).pathname,
        at: Number(header('webhook-timestamp')),
        signature: header('webhook-signature'),
        body,
        type,
        sequence,
      })
      if (how !== 'hang') return how()
      hanging++
      const left = Promise.withResolvers<void>()
      request.signal.addEventListener('abort', () => left.resolve(), { once: true })
      await left.promise
      hanging--
      return new Response()
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    got,
    answers(next) {
      how = next
    },
    get hanging() {
      return hanging
    },
    stop: () => server.stop(true),
  }
}
