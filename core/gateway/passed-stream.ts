import { ApiError } from './api-error'
import type { SilenceClock } from './silence'

type Bytes = ReadableStream<Uint8Array>

const brokenOff = new ApiError(
  502,
  'upstream_died',
  'the model server broke off in the middle of its answer; try again',
)
const errorEvent = new TextEncoder().encode(`event: error\ndata: ${JSON.stringify(brokenOff.body)}\n\n`)

/**
 * An upstream's answer, chunk by chunk as it is read: the upstream is waited for only while the client reads.
 * When it breaks off the client's connection breaks too, in an event stream after one `error` event.
 */
export function answerStream(body: Bytes, clock: SilenceClock, sse: boolean): Bytes {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        clock.waiting()
        const { done, value } = await reader.read()
        clock.heard()
        if (!done) return controller.enqueue(value)
        clock.stop()
        controller.close()
      } catch (error) {
        clock.stop()
        if (sse) {
          controller.enqueue(errorEvent)
          // The event must leave before the break, or the client sees the break alone.
          await Bun.sleep(5)
        }
        controller.error(error)
      }
    },
    cancel(reason) {
      clock.stop()
      return reader.cancel(reason)
    },
  })
}

/** A request's body on its way up: each part that moves begins the wait anew. */
export function uploadStream(body: Bytes, clock: SilenceClock): Bytes {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read()
      clock.waiting()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
