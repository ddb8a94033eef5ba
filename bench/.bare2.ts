import { forward } from '/work/main/core/gateway/forward'
import { limitedBytes } from '/work/main/core/gateway/limited-body'
import { modelField } from '/work/main/core/gateway/model-field'
import { guard } from '/work/main/core/guard/guard'
import { requestId, secure } from '/work/main/core/guard/security-headers'
import { Elysia } from 'elysia'
const [port, up, mode] = [Number(process.argv[2]), process.argv[3], process.argv[4]]
const upstream = { service: 'up', host: 'h', origin: `http://127.0.0.1:${up}`, model: null, idleMs: 300000 }
const pass = async (request: Request) => { const text = mode==='elysia-bytes' || mode==='guard-bytes' ? new TextDecoder().decode(await limitedBytes(request, 1e8)) : await request.text(); modelField(text); const a = await forward(request, upstream, { path: '/v1/chat/completions', requestId: requestId(request.headers), body: text }); return a }
const e = new Elysia({ handler: { standardHostname: false } })
e.route('POST', '/v1/chat/completions', ({ request }) => pass(request), { parse: 'none' })
Bun.serve({ hostname: '127.0.0.1', port, idleTimeout: 0, development: false, maxRequestBodySize: 2**40, reusePort:false, async fetch(request) {
  if (request.method==='GET') return new Response('ok')
  if (mode==='fwd') return pass(request)
  guard(request, { allowedHosts: [] })
  const r = mode?.startsWith('elysia') ? await e.fetch(request) : await pass(request)
  secure(r.headers, requestId(request.headers))
  return r
}})
