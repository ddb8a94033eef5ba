export interface StreamEvent {
  data: unknown
  event?: string
  id?: number
}

const heartbeatMs = 5000
const maxWaiting = 1024 * 1024
const encoder = new TextEncoder()
const open = new Set<() => void>()

/**
 * A Server-Sent Events answer. `begin` gets the way to send and to end it, and returns what to do when it is over.
 * A reader that takes nothing is dropped once 1 MiB waits for it; it comes back by `Last-Event-ID`.
 */
export function eventStream(
  request: Request,
  begin: (send: (event: StreamEvent) => void, close: () => void) => () => void,
): Response {
  let end = () => {}
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let over = false
        let stop = () => {}
        const beat = setInterval(() => write(': alive\n\n'), heartbeatMs)
        end = () => {
          if (over) return
          over = true
          clearInterval(beat)
          open.delete(end)
          stop()
          try {
            controller.close()
          } catch {
            // The client closed it first.
          }
        }
        const write = (text: string) => {
          if (over) return
          if ((controller.desiredSize ?? 0) < -maxWaiting) return end()
          controller.enqueue(encoder.encode(text))
        }
        open.add(end)
        request.signal.addEventListener('abort', end, { once: true })
        write('retry: 1000\n\n')
        try {
          stop = begin(
            (event) => write(frame(event)),
            () => queueMicrotask(end),
          )
        } catch (error) {
          end()
          throw error
        }
        if (over) stop()
      },
      cancel: () => end(),
    },
    { highWaterMark: 0, size: (chunk) => chunk?.byteLength ?? 0 },
  )
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  })
}

/** How many readers are connected. */
export function openEventStreams(): number {
  return open.size
}

/** Ends every open stream, so that a stopping server need not wait for readers. */
export function endEventStreams(): void {
  for (const end of [...open]) end()
}

/** One event as text; any line break in the data becomes lines of its own, so that foreign text can't forge an event. */
export function frame({ data, event, id }: StreamEvent): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`
  return `${head}${text
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')}\n`
}
