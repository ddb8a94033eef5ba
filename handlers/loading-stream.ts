import { ApiError } from '../core/gateway/api-error'
import type { Caller, Entered, Entrance, Waiting } from '../core/gateway/entrance'

export interface LoadingStreamOptions {
  model: string
  caller: Caller
  wait: Entrance['wait']
  /** Passes the request on once its model serves. */
  answer(entered: Entered): Promise<Response>
  everyMs?: number
}

const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }
const bytes = new TextEncoder()
const eventAheadMs = 50

/** Whether a chat request wants to be told of the load in its stream: it streams, and says `X-Loading: reasoning`. */
export function wantsLoading(request: Request, body: string): boolean {
  if (request.headers.get('x-loading') !== 'reasoning') return false
  try {
    return (JSON.parse(body) as { stream?: unknown }).stream === true
  } catch {
    return false
  }
}

/**
 * Answers at once with a stream that tells every few seconds, as reasoning, how far the load is, and goes on with the
 * model's own. A load that fails is one `error` event and a broken connection, never `[DONE]`.
 * @throws {ApiError} what is refused without a wait
 */
export async function loadingStream(options: LoadingStreamOptions): Promise<Response> {
  const { model, caller, wait, answer } = options
  const gone = new AbortController()
  const signal = AbortSignal.any([caller.signal, gone.signal])
  const seen: { look: (() => Waiting) | null } = { look: null }
  const entering = wait(model, { ...caller, signal, holdMs: Number.POSITIVE_INFINITY }, (look) => {
    seen.look = look
  })
  // Whoever waits is told so before anything else happens.
  if (!seen.look) return answer(await entering)
  // It may be let in after its client has gone.
  signal.addEventListener('abort', () => void entering.then(({ leave }) => leave()).catch(() => {}), { once: true })
  const pieces = told(options, entering, () => seen.look?.() ?? { job: null, standing: null })
  let failed: { error: unknown } | null = null
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // The event was taken, and must reach the client before the break, or it sees the break alone.
      if (failed) await Bun.sleep(eventAheadMs)
      if (failed) return controller.error(failed.error)
      try {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        failed = { error }
        controller.enqueue(errorEvent(error))
      }
    },
    async cancel() {
      gone.abort()
      await pieces.return()
    },
  })
  return new Response(body, { headers })
}

async function* told(
  { model, answer, everyMs = 2000 }: LoadingStreamOptions,
  entering: Promise<Entered>,
  look: () => Waiting,
): AsyncGenerator<Uint8Array, void> {
  const entered = entering.then(() => true)
  entered.catch(() => {})
  try {
    do yield line(model, look())
    while (!(await Promise.race([entered, Bun.sleep(everyMs).then(() => false)])))
    yield* passedOn(await answer(await entering))
  } finally {
    // It may have been let in after its client had gone.
    entering.then(({ leave }) => leave()).catch(() => {})
  }
}

async function* passedOn(answer: Response): AsyncGenerator<Uint8Array, void> {
  if (!answer.ok || !answer.body) throw new UpstreamRefusal(answer.status, await answer.text())
  const reader = answer.body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

/** The engine's own complaint about the request. */
class UpstreamRefusal extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {
    super('the model server refused the request')
  }
}

function errorEvent(error: unknown): Uint8Array {
  const told =
    error instanceof ApiError
      ? error
      : new ApiError(502, 'upstream_refused', 'the model server did not take the request')
  const text = error instanceof UpstreamRefusal ? oneLine(error.text) : null
  return bytes.encode(`event: error\ndata: ${text ?? JSON.stringify(told.body)}\n\n`)
}

/** JSON on one line, as an event carries it; null where it is none. */
function oneLine(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return null
  }
}

function line(model: string, waiting: Waiting): Uint8Array {
  const chunk = {
    id: 'chatcmpl-loading',
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      { index: 0, delta: { role: 'assistant', reasoning_content: `${words(waiting)}\n` }, finish_reason: null },
    ],
  }
  return bytes.encode(`data: ${JSON.stringify(chunk)}\n\n`)
}

function words({ job, standing }: Waiting): string {
  if (standing?.reason) return `Waiting at place ${standing.place}: ${standing.reason}`
  if (!job) return 'Waiting for the model to be loaded'
  const phase = job.phases.find(({ name }) => name === job.phase)
  const left = job.eta_s === null ? '' : `, about ${Math.max(1, Math.ceil(job.eta_s))} s left`
  return `Loading ${job.recipe ?? 'the model before'}: ${phase?.detail ?? 'it begins'}, ${Math.round(job.progress * 100)} %${left}`
}
