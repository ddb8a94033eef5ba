import { afterEach, expect, test } from 'bun:test'
import fc from 'fast-check'
import { systemClock } from '../clock'
import { ApiError } from './api-error'
import { door } from './door'
import { forward } from './forward'
import { untilEnd } from './until-end'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const ways = ['whole', 'stream', 'silent', 'broken', 'refused', 'empty'] as const
const leaving = ['reads', 'aborts', 'cancels', 'never reads'] as const

test.each(['forward()', 'untilEnd()'] as const)(
  'with %s nobody stays inside, however an answer goes and its client leaves',
  async (how) => {
    const { url, doors } = front(how)
    const visits = fc.array(fc.tuple(fc.constantFrom(...ways), fc.constantFrom(...leaving)), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(visits, async (all) => {
        await Promise.all(all.map(([way, leave]) => visit(`${url}/${way}`, leave)))
        for (let left = 500; doors.inside('llm') > 0 && left > 0; left--) await Bun.sleep(10)
        expect(doors.inside('llm')).toBe(0)
      }),
      { numRuns: 15 },
    )
  },
  60_000,
)

async function visit(url: string, leave: (typeof leaving)[number]) {
  const going = new AbortController()
  try {
    if (leave === 'aborts') setTimeout(() => going.abort(), Math.random() * 20)
    // What never begins to answer has to be left by someone.
    if (url.endsWith('/silent')) setTimeout(() => going.abort(), 30)
    const answer = await fetch(url, { signal: going.signal })
    if (leave === 'cancels') {
      const reader = answer.body?.getReader()
      await reader?.read()
      await reader?.cancel()
    } else if (leave === 'never reads') await Bun.sleep(10)
    else if (url.endsWith('/stream') && leave === 'aborts') await answer.text()
    else await answer.body?.getReader().read()
  } catch {
    // Broken off on purpose.
  } finally {
    going.abort()
  }
}

/** A server that counts who is inside, in front of one that answers in every way. */
function front(how: 'forward()' | 'untilEnd()') {
  const doors = door({ clock: systemClock })
  const upstream = served((request) => answerOf(new URL(request.url).pathname.slice(1)))
  const at = (path: string, onEnd?: () => void) => ({
    upstream: { service: 'llm', host: 'h', origin: upstream, model: null, idleMs: 10_000, onEnd },
    options: { path, requestId: 'request-1' },
  })
  const url = served(async (request) => {
    const path = new URL(request.url).pathname
    const leave = doors.pass('llm') ?? (() => {})
    try {
      const { upstream: to, options } = at(path, how === 'forward()' ? leave : undefined)
      const answer = await forward(request, to, options)
      return how === 'forward()' ? answer : untilEnd(answer, leave)
    } catch (error) {
      leave()
      if (error instanceof ApiError) return error.response()
      throw error
    }
  })
  return { url, doors }
}

function served(answer: (request: Request) => Response | Promise<Response>): string {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, idleTimeout: 0, development: false, fetch: answer })
  stops.push(() => server.stop(true))
  return `http://127.0.0.1:${server.port}`
}

function answerOf(way: string): Response | Promise<Response> {
  if (way === 'whole') return Response.json({ said: 'x'.repeat(1000) })
  if (way === 'refused') return Response.json({ error: 'no' }, { status: 400 })
  if (way === 'empty') return new Response(null, { status: 204 })
  if (way === 'silent') return new Promise(() => {})
  let pieces = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(2)
      if (way === 'broken' && pieces === 3) return controller.error(new Error('it died'))
      if (pieces++ === 10_000) return controller.close()
      controller.enqueue(new TextEncoder().encode(`data: ${pieces}\n\n`))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}
