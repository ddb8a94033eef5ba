// The server behind every target: `bun bench/upstream.ts PORT SINK_PORT`; a declared service has a port of its own.
const tokens = 500
const paceMs = 20
const answer = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 0,
  model: 'bench/model',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'A short answer to a short question.' }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 12, completion_tokens: 9, total_tokens: 21 },
})
const json = { headers: { 'content-type': 'application/json' } }

for (const port of process.argv.slice(2)) serve(Number(port))

function serve(port: number) {
  Bun.serve({
    hostname: '127.0.0.1',
    port,
    idleTimeout: 0,
    maxRequestBodySize: 2 ** 40,
    development: false,
    async fetch(request) {
      const path = new URL(request.url).pathname
      if (path === '/v1/upload') return new Response(String(await size(request)))
      if (path !== '/v1/chat/completions') return new Response('ok')
      const { stream, pace = paceMs } = (await request.json()) as { stream?: boolean; pace?: number }
      return stream ? events(pace) : new Response(answer, json)
    },
  })
}

/** Each event tells when it was sent, in ms of the machine's own clock, which the reader shares. */
function events(pace: number): Response {
  let sent = 0
  const body = new ReadableStream({
    async pull(controller) {
      if (pace > 0) await Bun.sleep(pace)
      controller.enqueue(
        `data: {"sent":${performance.timeOrigin + performance.now()},"choices":[{"delta":{"content":"token"}}]}\n\n`,
      )
      if (++sent < tokens) return
      controller.enqueue('data: [DONE]\n\n')
      controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } })
}

async function size(request: Request): Promise<number> {
  let bytes = 0
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) bytes += part.length
  return bytes
}
