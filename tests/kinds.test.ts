import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './cluster'

setDefaultTimeout(30_000)

/** All an adopter writes for a new kind. */
const echoKind = `import type { Kind } from '../kind'

export const kind: Kind = {
  kind: 'echo',
  summary: 'says again what it is told',
  schema: { properties: { loudness: { type: 'integer', minimum: 1, maximum: 11, description: 'How loud it says it.' } } },
  claims: () => ['POST /v1/echo'],
  endpoints: () => [
    { method: 'POST', path: '/v1/echo', to: '/say', summary: 'Says it again', example: { text: 'It is "me"' } },
  ],
  probe: ({ options }) => async (ask) => {
    const { said } = JSON.parse((await ask('/state')).text)
    const facts = [
      { label: 'Said', value: said, unit: 'words' },
      { label: 'Loudness', value: Number(options.loudness ?? 1), unit: null },
    ]
    return { state: 'up', facts }
  },
}
`
const echoTile = `import type { ServiceView } from '../../core/cluster/snapshot'
import type { PageData } from '../page-data'
import { ServiceTile } from '../parts/service-tile'

export function tile(service: ServiceView, data: PageData) {
  return <ServiceTile service={service} data={data}><p class="name">A tile of its own</p></ServiceTile>
}
`
const echoService = (port: number, more = '') => `  parrot: { kind: echo, host: a, port: ${port}${more} }\n`
const plainService = (port: number) => `  comfy:
    kind: http
    host: a
    port: ${port}
    title: Pictures
    probe: { path: /system_stats }
    routes: [{ method: POST, path: /v1/images, to: /prompt, timeout: 120s }]
    facts: [{ label: Queue, path: /prompt, from: /exec_info/queue_remaining, unit: jobs }]
`

const root = join(import.meta.dir, '..')
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kinds-')))
let parrot: ReturnType<typeof program>
let comfy: ReturnType<typeof program>
let running: Served | null = null

interface Served {
  url: string
  end(): Promise<void>
}

/** A program such as an adopter has already: answers JSON, knows nothing of Spark Control. */
function program(answers: Record<string, (body: string) => unknown>) {
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const answer = answers[`${request.method} ${new URL(request.url).pathname}`]
      return answer ? Response.json(answer(await request.text())) : new Response('', { status: 404 })
    },
  })
}

beforeAll(() => {
  for (const name of [
    'main.ts',
    'package.json',
    'tsconfig.json',
    'commands',
    'core',
    'demo',
    'docs',
    'handlers',
    'views',
    'recipes',
  ])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  parrot = program({ 'GET /state': () => ({ said: 42 }), 'POST /say': (body) => ({ heard: JSON.parse(body) }) })
  comfy = program({
    'GET /system_stats': () => ({}),
    'GET /prompt': () => ({ exec_info: { queue_remaining: 3 } }),
    'POST /prompt': (body) => ({ prompt_id: 'p1', of: JSON.parse(body) }),
  })
})

afterEach(async () => {
  await running?.end()
  running = null
  for (const file of ['handlers/services/echo.ts', 'views/services/echo.tsx', 'handlers/services/broken.ts'])
    rmSync(join(folder, file), { force: true })
})

afterAll(async () => {
  await parrot?.stop(true)
  await comfy?.stop(true)
  rmSync(folder, { recursive: true, force: true })
})

const put = (path: string, text: string) => Bun.write(join(folder, path), text)
// Nothing stands on port 9: services are looked at by HTTP, whatever becomes of SSH.
const declare = (services: string) =>
  put('spark.config.yaml', `hosts: { a: { address: 127.0.0.1, ssh_port: 9, user: spark } }\nservices:\n${services}`)
const spawned = (...words: string[]) =>
  Bun.spawn([process.execPath, 'main.ts', ...words], { cwd: folder, stdout: 'pipe', stderr: 'pipe' })

async function serve(): Promise<Served> {
  const process = spawned('serve', '--port', '0')
  const errors = new Response(process.stderr).text()
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    const url = /ready (\S+)/.exec(text)?.[1]
    const end = async () => {
      process.kill()
      await process.exited
    }
    if (url) {
      running = { url, end }
      return running
    }
  }
  throw new Error(`serve: ended before it was ready; it said:\n${await errors}`)
}

async function check(): Promise<{ code: number; text: string }> {
  const process = spawned('check', 'spark.config.yaml')
  const text = await new Response(process.stdout).text()
  return { code: await process.exited, text }
}

async function get(path: string): Promise<string> {
  const answer = await fetch(`${running?.url}${path}`)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.text()
}

async function post(path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${running?.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

async function isUp(service: string) {
  await until(`${service} to be up`, async () => {
    const { state } = JSON.parse(await get(`/api/services/${service}`))
    return state === 'up' ? true : null
  })
}

test('a kind that nobody wrote is a finding with its place', async () => {
  await declare(echoService(parrot.port ?? 0))
  const { code, text } = await check()
  expect([code, text]).toEqual([1, expect.stringMatching(/^spark\.config\.yaml:3:\d+: services\.parrot\.kind: .*echo/)])
})

test('one dropped file is a new kind: route, tile, document, metric and API page come from it', async () => {
  await put('handlers/services/echo.ts', echoKind)
  await declare(echoService(parrot.port ?? 0, ', loudness: 7'))
  expect(await check()).toEqual({ code: 0, text: expect.stringContaining('ok (1 host, 1 service') })
  await serve()
  await isUp('parrot')

  expect(await post('/v1/echo', { text: 'Hello' })).toEqual({ heard: { text: 'Hello' } })

  const described = JSON.parse(await get('/api/services/parrot'))
  expect(described).toMatchObject({ kind: 'echo', declared: { loudness: 7 }, endpoints: [{ path: '/v1/echo' }] })
  expect(described.facts).toContainEqual({ label: 'Said', value: 42, unit: 'words' })

  const { paths } = JSON.parse(await get('/openapi.json'))
  expect(paths['/v1/echo'].post.requestBody.content['application/json'].example).toEqual({ text: 'It is "me"' })

  expect(await get('/metrics')).toContain('spark_service_up{service="parrot",kind="echo",host="a"} 1')

  for (const path of ['/', '/ui/services/parrot', '/ui/services/parrot/tile']) {
    const page = await get(path)
    expect([path, page.includes('id="service-parrot"'), page.includes('42 words')]).toEqual([path, true, true])
  }
  for (const path of ['/ui/api', '/ui/services/parrot']) expect(await get(path)).toContain('/v1/echo')
})

test('the command on the API page does what it says when it is pasted', async () => {
  await put('handlers/services/echo.ts', echoKind)
  await declare(echoService(parrot.port ?? 0))
  await serve()
  const page = await get('/ui/services/parrot')
  const [, shown = ''] = /<code[^>]*>(curl[^<]*)<\/code>/.exec(page) ?? []
  const command = shown.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
  const pasted = Bun.spawn(['sh', '-c', command], { stdout: 'pipe', stderr: 'ignore' })
  expect(JSON.parse(await new Response(pasted.stdout).text())).toEqual({ heard: { text: 'It is "me"' } })
})

test('a dropped tile is how services of its kind look', async () => {
  await put('handlers/services/echo.ts', echoKind)
  await put('views/services/echo.tsx', echoTile)
  await declare(echoService(parrot.port ?? 0) + plainService(comfy.port ?? 0))
  await serve()
  expect(await get('/ui/services/parrot/tile')).toContain('A tile of its own')
  expect(await get('/ui/services/comfy/tile')).not.toContain('A tile of its own')
  expect((await get('/')).match(/A tile of its own/g)).toHaveLength(1)
})

test('the schema of a dropped kind is held against the file, with line and column', async () => {
  await put('handlers/services/echo.ts', echoKind)
  await declare(echoService(parrot.port ?? 0, ', loudness: 12'))
  const { code, text } = await check()
  expect([code, text]).toEqual([1, expect.stringMatching(/^spark\.config\.yaml:3:\d+: services\.parrot\.loudness: /)])
  await declare(echoService(parrot.port ?? 0, ', loudnes: 3'))
  expect((await check()).text).toContain('did you mean "loudness"?')
})

test('two services that claim the same path are a finding, not a coin toss', async () => {
  await put('handlers/services/echo.ts', echoKind)
  await declare(`${echoService(parrot.port ?? 0)}${echoService(comfy.port ?? 0).replace('parrot', 'jay')}`)
  const { code, text } = await check()
  expect([code, text]).toEqual([1, expect.stringMatching(/POST \/v1\/echo/)])
})

test('a file that is no kind stops the start, and is named', async () => {
  for (const [text, said] of [
    ['export const other = 1\n', 'exports no `kind`'],
    [echoKind, 'name the file echo.ts'],
  ] as const) {
    await put('handlers/services/broken.ts', text)
    const process = spawned('serve', '--port', '0')
    const printed = await new Response(process.stderr).text()
    expect([printed, printed.includes(said)]).toEqual([expect.stringContaining('handlers/services/broken.ts: '), true])
    expect(await process.exited).toBe(1)
  }
})

test('a service that nobody wrote code for is a few lines of YAML', async () => {
  await declare(plainService(comfy.port ?? 0))
  await serve()
  await isUp('comfy')
  expect(await post('/v1/images', { prompt: 'a fox' })).toEqual({ prompt_id: 'p1', of: { prompt: 'a fox' } })
  const page = await get('/')
  for (const words of ['Pictures', '3 jobs']) expect(page).toContain(words)
  expect(JSON.parse(await get('/openapi.json')).paths['/v1/images'].post.description).toBe('Served by comfy.')
  expect(await get('/metrics')).toContain('spark_service_up{service="comfy",kind="http",host="a"} 1')
  expect(await get('/ui/api')).toContain('/v1/images')
})
