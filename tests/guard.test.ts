import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ControlPlane, controlPlane } from '../commands/serve'
import { jsonLog } from '../core/log'
import { loadKinds } from '../handlers/kinds'
import { type RawAnswer, rawHttp, rawRequest } from './raw-http'

const folder = mkdtempSync(join(tmpdir(), 'guard-'))
const json = 'content-type: application/json'
let reached: string[] = []
let model: ReturnType<typeof upstream>
let plane: ControlPlane

/** Stands where a model server would, and remembers what came. */
function upstream() {
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (pathname === '/probe') return new Response('fine')
      reached.push(`${request.method} ${pathname} ${await request.text()}`)
      return Response.json({ fine: true }, { headers: { 'set-cookie': 'a=b', 'access-control-allow-origin': '*' } })
    },
  })
}

beforeAll(async () => {
  model = upstream()
  const config = join(folder, 'spark.config.yaml')
  // Nothing stands on port 9: the host is seen as unreachable at once, and nothing here needs it.
  await Bun.write(
    config,
    `hosts: { a: { address: 127.0.0.1, ssh_port: 9, user: spark } }
guard: { allowed_hosts: [spark.example.lan] }
services:
  llm: { kind: vllm, host: a, port: 9 }
  echo:
    kind: http
    host: a
    port: ${model.port}
    probe: { path: /probe }
    routes: [{ method: POST, path: /apps/echo, to: /echo }, { method: DELETE, path: /apps/echo, to: /echo }]
`,
  )
  await Bun.write(
    join(folder, 'recipes/x.yaml'),
    'recipe_version: 1\nname: X\nmodel: a/b\ncontainer: vllm-node\ncommand: vllm serve a/b\n',
  )
  plane = await controlPlane({
    config,
    data: join(folder, 'data'),
    port: 0,
    kinds: await loadKinds(),
    log: jsonLog(() => {}),
  })
  expect(plane.runtime.findings).toEqual([])
})

beforeEach(() => {
  reached = []
})

afterAll(async () => {
  await plane.stop()
  await model.stop(true)
  rmSync(folder, { recursive: true })
})

async function raw(line: string, options?: Parameters<typeof rawRequest>[1]): Promise<RawAnswer> {
  const [answer] = await rawHttp(plane.server.port, rawRequest(line, options))
  if (!answer) throw new Error(`${line}: no answer; there should be one`)
  return answer
}

function code({ body }: RawAnswer): string {
  return JSON.parse(body).error.code
}

interface Operation {
  method: string
  path: string
  example: unknown
}

/** What /openapi.json says is served, every parameter filled with an id. */
async function operations(): Promise<Operation[]> {
  const { paths } = await (await fetch(`${plane.server.url}/openapi.json`)).json()
  return Object.entries(paths as Record<string, Record<string, object>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, 'a'),
      example: (operation as { requestBody?: { content: { 'application/json': { example?: unknown } } } }).requestBody
        ?.content['application/json'].example,
    })),
  )
}

const forms = ['/ui/swap', '/ui/swap/cancel', '/ui/hosts/a/connect'].map((path) => ({ method: 'POST', path }))
const unsafe = async () => [...(await operations()).filter(({ method }) => method !== 'GET'), ...forms]

/** All that a request could change: jobs, what is watched, what the model server was asked. */
async function everything(): Promise<unknown> {
  const { runtime } = plane
  return {
    jobs: runtime.journal.list({ limit: 200 }),
    swap: runtime.arbiter.current(),
    lock: runtime.view().lock,
    models: runtime.view().models,
    declared: await Bun.file(join(folder, 'spark.config.yaml')).text(),
    reached,
  }
}

test.each(['127.0.0.1', '127.0.0.1:9999', '[::1]:80', '192.0.2.7', 'localhost', 'Spark.Example.LAN.:81'])(
  'Host: %s is let in',
  async (host) => {
    for (const path of ['/', '/health', '/assets/app.css'])
      expect((await raw(`GET ${path}`, { host })).status).toBe(200)
  },
)

test.each([
  'evil.example',
  'spark.example.lan.evil.example',
  'a',
  'abc',
  'evil.example:9999',
  '127.0.0.1@evil.example',
  'evil.example/127.0.0.1',
  '127.0.0.1?',
  '127.0.0.1#',
  '127.0.0.1:',
  '127.0.0.1:70000',
  '127.0.0.1, evil.example',
  '[::1',
  '0x7f.1',
  '%6c%6f%63alhost',
  '127.0.0.1\\evil.example',
  '',
])('Host: %p is refused everywhere', async (host) => {
  for (const line of ['GET /', 'GET /health', 'GET /assets/app.css', 'GET /nowhere', 'POST /api/swap']) {
    const answer = await raw(line, { host })
    // What is no HTTP at all is refused before the guard sees it.
    expect([line, host, answer.status === 403 || answer.status === 400]).toEqual([line, host, true])
    if (answer.status === 403) {
      expect(code(answer)).toBe('host_not_allowed')
      if (host.length > 3) expect(answer.body).not.toContain(host)
    }
  }
})

test('two Host headers are refused, whatever their order, and so is none', async () => {
  for (const [host, other] of [
    ['127.0.0.1', 'evil.example'],
    ['evil.example', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
  ] as const) {
    const answer = await raw('GET /api/cluster', { host, headers: [`host: ${other}`] })
    expect([400, 403]).toContain(answer.status)
  }
  expect([400, 403]).toContain((await raw('GET /api/cluster', { host: null })).status)
})

test.each(['null', 'http://evil.example', 'http://127.0.0.1:1', 'https://127.0.0.1.evil.example', 'file://', 'x', ''])(
  'Origin: %p is refused on every unsafe route, before anything happens',
  async (origin) => {
    const before = await everything()
    for (const { method, path } of await unsafe()) {
      const answer = await raw(`${method} ${path}`, { headers: [`origin: ${origin}`, json], body: '{"recipe":"x"}' })
      expect([method, path, answer.status, code(answer)]).toEqual([method, path, 403, 'origin_not_allowed'])
    }
    expect(await everything()).toEqual(before)
  },
)

test('a hidden origin is refused by Sec-Fetch-Site, and our own page is not', async () => {
  for (const site of ['cross-site', 'same-site']) {
    const answer = await raw('POST /api/swap/plan', {
      headers: [`sec-fetch-site: ${site}`, json],
      body: '{"recipe":"x"}',
    })
    expect([site, answer.status]).toEqual([site, 403])
  }
  for (const own of [['origin: http://127.0.0.1'], ['origin: https://127.0.0.1', 'sec-fetch-site: same-origin'], []]) {
    const answer = await raw('POST /api/swap/plan', { headers: [...own, json], body: '{"recipe":"x"}' })
    expect([own, answer.status]).toEqual([own, 200])
  }
})

test('no answer lets another page read it, also when a page asks first', async () => {
  const origin = 'origin: http://evil.example'
  const asked = ['access-control-request-method: POST', 'access-control-request-headers: content-type']
  for (const line of ['GET /api/cluster', 'GET /v1/models', 'OPTIONS /api/swap', 'OPTIONS /apps/echo']) {
    const { headers } = await raw(line, { headers: [origin, ...asked] })
    expect([line, [...headers.keys()].filter((name) => name.startsWith('access-control'))]).toEqual([line, []])
  }
  const passedOn = await raw('POST /apps/echo', { headers: [json], body: '{}' })
  expect(passedOn.status).toBe(200)
  expect([passedOn.headers.get('set-cookie'), passedOn.headers.get('access-control-allow-origin')]).toEqual([
    null,
    null,
  ])
  expect(reached).toEqual(['POST /echo {}'])
})

test('a request of two lengths never becomes two', async () => {
  const second = 'DELETE /apps/echo HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'
  const framings = [
    [`content-length: ${second.length}`, 'transfer-encoding: chunked'],
    ['transfer-encoding: chunked', 'content-length: 4'],
    ['content-length: 0', `content-length: ${second.length}`],
    ['content-length: 0, 5'],
    ['content-length: +5'],
    ['content-length: -1'],
    ['transfer-encoding: xchunked'],
    ['transfer-encoding: chunked, identity'],
    ['transfer-encoding : chunked'],
  ]
  for (const framing of framings) {
    const head = ['POST /apps/echo HTTP/1.1', 'host: 127.0.0.1', json, ...framing].join('\r\n')
    const [answer, ...more] = await rawHttp(plane.server.port, `${head}\r\n\r\n0\r\n\r\n${second}`)
    expect([framing, answer?.status, more.length]).toEqual([framing, 400, 0])
  }
  expect(reached).toEqual([])
})

test.each([
  '/../main.ts',
  '/assets/../app.css',
  '/assets/../../package.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/assets/..%2f..%2fpackage.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets/....//package.json',
  '/assets/%00app.css',
  '/assets/app.css%00.js',
  '/assets/app.test.ts',
  '/vendor/../package.json',
  '/vendor/%2e%2e/package.json',
  '/vendor/%252e%252e/package.json',
  '/.env',
  '/assets/.env',
  '/etc/passwd',
  '//etc/passwd',
  '/api/hosts/..%2f..%2fetc',
  '/api/services/%2e%2e',
  '/api/swap/..',
  '/ui/services/..%2f..%2fx',
  '/apps/echo/../../probe',
  '/apps/echo/%2e%2e',
])('GET %s is 404', async (path) => {
  const answer = await raw(`GET ${path}`)
  expect([path, answer.status]).toEqual([path, 404])
  expect(answer.body).not.toMatch(/root:|"dependencies"|BUN_CONFIG|import /)
  expect(reached).toEqual([])
})

test('a body over the limit is 413, whether it tells its length or not', async () => {
  const told = await raw('POST /api/swap', { headers: [json, `content-length: ${2 ** 21}`] })
  expect([told.status, code(told)]).toEqual([413, 'body_too_large'])
  const chunk = `${(2 ** 20).toString(16)}\r\n${' '.repeat(2 ** 20)}\r\n`
  const head = rawRequest('POST /api/swap', { headers: [json, 'transfer-encoding: chunked'] })
  const [chunked] = await rawHttp(plane.server.port, `${head}${chunk}${chunk}0\r\n\r\n`)
  expect(chunked?.status).toBe(413)
  const form = await raw('POST /ui/swap', { body: `recipe=${'x'.repeat(2 ** 16)}` })
  expect(form.status).toBe(413)
})

test('a body of another type is 415, one that is no JSON 400, one that does not fit 422 with a pointer', async () => {
  const bodied = (await operations()).filter(
    ({ method, path, example }) =>
      method === 'POST' && example && !path.startsWith('/v1/') && !path.startsWith('/apps/'),
  )
  expect(bodied.length).toBeGreaterThan(2)
  for (const { path, example } of bodied) {
    const text = JSON.stringify(example)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''])
      expect([
        path,
        type,
        (await raw(`POST ${path}`, { headers: [`content-type: ${type}`], body: text })).status,
      ]).toEqual([path, type, 415])
    expect([path, (await raw(`POST ${path}`, { body: text })).status]).toEqual([path, 415])
    for (const bad of ['{', '{"a":1}x', "{'a':1}", '\xff', 'NaN', '{"a":1,}']) {
      const answer = await raw(`POST ${path}`, { headers: [json], body: bad })
      expect([path, bad, answer.status, code(answer)]).toEqual([path, bad, 400, 'malformed_json'])
    }
    for (const bad of ['[]', 'null', '1', '"x"', '{}', JSON.stringify({ ...(example as object), surplus: 1 })]) {
      const answer = await raw(`POST ${path}`, { headers: [json], body: bad })
      expect([path, bad, answer.status]).toEqual([path, bad, 422])
      expect(JSON.parse(answer.body).error.param).toMatch(/^\//)
    }
  }
})

test('__proto__ in a body changes nothing', async () => {
  const bodies = [
    '{"recipe":"x","__proto__":{"polluted":1}}',
    '{"recipe":"x","constructor":{"prototype":{"polluted":1}}}',
    '{"__proto__":{"recipe":"x"}}',
    '{"recipe":"__proto__"}',
    '{"recipe":"constructor"}',
    '{"recipe":"x","service":"__proto__"}',
  ]
  for (const body of bodies) {
    const answer = await raw('POST /api/swap/plan', { headers: [json], body })
    expect([body, answer.status === 422 || answer.status === 404]).toEqual([body, true])
  }
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const answer = await raw('POST /v1/chat/completions', {
      headers: [json],
      body: JSON.stringify({ model: name, messages: [] }),
    })
    expect([name, answer.status, code(answer)]).toEqual([name, 404, 'model_not_found'])
    for (const path of ['services', 'hosts', 'swap', 'jobs'])
      expect([name, path, (await raw(`GET /api/${path}/${name}`)).status]).toEqual([name, path, 404])
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('a sane x-request-id comes back, another is replaced', async () => {
  for (const id of ['abc', 'A-1_b.2', 'x'.repeat(128)])
    expect((await raw('GET /health', { headers: [`x-request-id: ${id}`] })).headers.get('x-request-id')).toBe(id)
  for (const id of ['', 'a b', 'a<b>', 'x'.repeat(129), 'a\tb', 'caf\xe9', '../x']) {
    const made = (await raw('GET /health', { headers: [`x-request-id: ${id}`] })).headers.get('x-request-id')
    expect(made).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test('every kind of answer carries the security headers and an id of its request', async () => {
  const lines: [string, number, Parameters<typeof rawRequest>[1]?][] = [
    ['GET /', 200],
    ['GET /ui/api', 200],
    ['GET /ui/services/echo', 200],
    ['GET /ui/services/none', 404],
    ['GET /api/cluster', 200],
    ['GET /metrics', 200],
    ['GET /openapi.json', 200],
    ['GET /assets/app.js', 200],
    ['GET /vendor/htmx.min.js', 200],
    ['GET /nowhere', 404],
    ['GET /api/hosts/none', 404],
    ['POST /apps/echo', 200, { headers: [json], body: '{}' }],
    ['GET /apps/echo', 405],
    ['PATCH /api/swap', 405],
    ['POST /api/swap', 415, { body: 'x' }],
    ['POST /api/swap', 403, { headers: ['origin: null'] }],
    ['GET /health', 403, { host: 'evil.example' }],
    ['POST /ui/swap', 403, { headers: ['origin: null'] }],
    [`GET /${'x'.repeat(9000)}`, 414],
  ]
  for (const [line, status, options] of lines) {
    const { headers, ...answer } = await raw(line, options)
    expect([line.slice(0, 40), answer.status]).toEqual([line.slice(0, 40), status])
    expect([line.slice(0, 40), headers.get('x-content-type-options')]).toEqual([line.slice(0, 40), 'nosniff'])
    expect([line.slice(0, 40), headers.get('x-frame-options')]).toEqual([line.slice(0, 40), 'DENY'])
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('x-request-id')).toMatch(/^[A-Za-z0-9._-]+$/)
    expect(headers.get('cache-control')).toMatch(/no-store|no-cache/)
    for (const name of ['server', 'x-powered-by', 'set-cookie']) expect([line, headers.get(name)]).toEqual([line, null])
  }
})

test('every failure has the one shape, and tells nothing of this machine', async () => {
  const secret = 'private-words-of-a-caller'
  const failing: [string, Parameters<typeof rawRequest>[1]?][] = [
    ['GET /nowhere'],
    ['DELETE /health'],
    ['PATCH /api/swap'],
    ['GET /api/hosts/none'],
    ['GET /api/swap/none'],
    ['GET /api/jobs?limit=x'],
    ['POST /api/swap', { headers: [json], body: '{' }],
    ['POST /api/swap', { headers: [json], body: `{"recipe":"${secret}"}` }],
    ['POST /api/swap', { headers: [json], body: `{"recipe":{"a":"${secret}"}}` }],
    ['POST /api/swap', { headers: [json], body: `{"recipe":"x","${'k'.repeat(300)}${secret}":1}` }],
    ['POST /api/swap', { headers: [json], body: '{"recipe":"x"}' }],
    ['POST /v1/chat/completions', { headers: [json], body: `{"messages":["${secret}"]}` }],
    ['POST /v1/chat/completions', { headers: [json], body: `{"model":"a/b","messages":["${secret}"]}` }],
    ['POST /v1/messages', { headers: [json], body: `{"model":"nobody/knows","messages":["${secret}"]}` }],
  ]
  for (const [line, options] of failing) {
    const { status, body, headers } = await raw(line, options)
    expect([line, status >= 400]).toEqual([line, true])
    expect([line, headers.get('content-type')]).toEqual([line, 'application/json;charset=utf-8'])
    const { error, ...beside } = JSON.parse(body)
    expect(error).toMatchObject({
      message: expect.stringMatching(/./),
      type: expect.stringMatching(/_error$/),
      code: expect.stringMatching(/^[a-z_]+$/),
    })
    expect(error.param === null || typeof error.param === 'string').toBe(true)
    expect(beside).toEqual(line.includes('/v1/messages') ? { type: 'error' } : {})
    expect(body).not.toMatch(/\.tsx?\b|node_modules|at \w+ \(/)
    expect(body).not.toContain(secret)
    expect(body).not.toContain(folder)
  }
})

test('GET and HEAD change nothing, on every path that is served', async () => {
  const before = await everything()
  const pages = [
    '/',
    '/ui/api',
    '/ui/services/echo',
    '/ui/services/echo/tile',
    '/ui/swap',
    '/ui/swap/cancel',
    '/ui/hosts/a/connect',
  ]
  const paths = [...new Set([...(await operations()).map(({ path }) => path), ...pages])].filter(
    (path) => !path.endsWith('/events'),
  )
  for (const path of paths) {
    for (const method of ['GET', 'HEAD']) {
      const { status } = await raw(`${method} ${path}?recipe=x&method=POST`, {
        headers: ['x-http-method-override: POST'],
      })
      expect([method, path, status < 500]).toEqual([method, path, true])
    }
  }
  expect(await everything()).toEqual(before)
})
