import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { JobView } from '../core/jobs/job'
import { small, type TestCluster, testCluster, until } from './cluster'
import { serviceHand } from './service-hand'

setDefaultTimeout(60_000)

let spark: TestCluster
let hand: ReturnType<typeof serviceHand>
let engine: ReturnType<typeof ollama>

beforeAll(async () => {
  spark = await testCluster({
    config(text, cluster) {
      engine = ollama(cluster.hosts[0]?.address ?? '')
      return `${text}${more}  ollama: { kind: openai, host: spark-1, port: ${engine.port} }\n`
    },
  })
  await spark.settled()
  await spark.service('comfy', 'up')
  hand = serviceHand(spark)
})
afterAll(async () => {
  await spark.stop()
  await engine.stop(true)
})

/** An engine that somebody else drives, with two models and no metrics. */
function ollama(hostname: string) {
  return Bun.serve({
    hostname,
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (pathname === '/v1/models') return Response.json({ data: [{ id: 'llama3:8b' }, { id: 'qwen3:4b' }] })
      if (pathname === '/v1/chat/completions') return Response.json({ said: await request.json() })
      return new Response('404 page not found', { status: 404 })
    },
  })
}

// Declared beside what the demo has: each says one thing about what is shown, watched and served.
const more = `  shy: { kind: http, host: spark-1, port: 4001, model: org/shy, hidden: true, routes: [{ path: /v1/shy }] }
  off: { kind: http, host: spark-1, port: 4002, model: org/off, disabled: true, container: off, routes: [{ path: /v1/off }] }
  nobody: { kind: bot, host: spark-1, container: nobody, user: }
  bare: { kind: http, host: spark-1, port: 4003 }
  lost: { kind: http, host: spark-1, port: 4004, container: not-there }
`

describe('actions', () => {
  test('stop, start and restart do what they say, and the tile is true as soon as the job has ended', async () => {
    const stopped = await hand.done(await hand.act('comfy', 'stop'))
    expect(stopped).toMatchObject({ kind: 'service', action: 'stop', title: 'Stop ComfyUI', service: 'comfy' })
    expect((await hand.view('comfy')).state).toBe('stopped')
    await hand.done(await hand.act('comfy', 'start'))
    expect((await hand.view('comfy')).state).toBe('up')
    const before = await hand.startedAt('comfyui')
    const restarted = await hand.done(await hand.act('comfy', 'restart'))
    expect(restarted.phases.map(({ name, state }) => [name, state])).toEqual([
      ['restart', 'done'],
      ['check', 'done'],
    ])
    expect(await hand.startedAt('comfyui')).not.toBe(before)
    expect((await hand.view('comfy')).state).toBe('up')
    const { events } = await (await spark.ask('GET', '/api/history?service=comfy&limit=50')).json()
    const told = events.filter((each: { job: string | null }) => each.job === restarted.id)
    expect(told.map(({ text }: { text: string }) => text).toSorted()).toEqual([
      'Restart ComfyUI: asked for',
      'Restart ComfyUI: done',
    ])
  })

  test('what is so already is done without an error', async () => {
    const before = await hand.startedAt('comfyui')
    await hand.done(await hand.act('comfy', 'start'))
    expect(await hand.startedAt('comfyui')).toBe(before)
  })

  test('a second action of the same service is 409 and names the job that runs, one key is one job', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    const first = await hand.act('comfy', 'restart', key)
    const { job: id } = (await first.clone().json()) as { job: string }
    expect((await hand.view('comfy')).job).toBe(id)
    const second = await hand.act('comfy', 'stop')
    expect(second.status).toBe(409)
    expect((await second.json()).error).toMatchObject({ code: 'action_running', job: id })
    const again = await hand.act('comfy', 'restart', key)
    expect([again.status, await again.json()]).toEqual([202, { job: id }])
    await hand.done(first)
    const { jobs } = (await (await spark.ask('GET', '/api/jobs')).json()) as { jobs: JobView[] }
    expect(jobs.filter((each) => each.id === id)).toHaveLength(1)
  })

  test('of many restarts asked for at once exactly one is accepted', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => hand.act('comfy', 'restart')))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409, 409, 409, 409])
    await hand.done(answers.find(({ status }) => status === 202) as Response)
  })

  test('a running action can be cancelled', async () => {
    const { job: id } = (await (await hand.act('comfy', 'restart')).json()) as { job: string }
    expect((await spark.ask('DELETE', `/api/jobs/${id}`)).status).toBe(200)
    const ended = await until('its end', async () => {
      const found = (await (await spark.ask('GET', `/api/jobs/${id}`)).json()) as JobView
      return found.ended_at ? found : null
    })
    expect(ended.state).toBe('cancelled')
    expect((await spark.ask('DELETE', `/api/jobs/${id}`)).status).toBe(409)
    await hand.done(await hand.act('comfy', 'start'))
  })

  test('what can not be done is refused with its reason', async () => {
    const refused: [string, string, number, string][] = [
      ['none', 'restart', 404, 'service_not_found'],
      ['comfy', 'update', 422, 'action_not_available'],
      ['bare', 'start', 422, 'action_not_available'],
      ['off', 'start', 422, 'action_not_available'],
      ['nobody', 'update', 422, 'action_not_available'],
      ['lost', 'restart', 422, 'container_missing'],
    ]
    for (const [service, action, status, code] of refused) {
      const answer = await hand.act(service, action)
      expect([service, answer.status, (await answer.json()).error.code]).toEqual([service, status, code])
    }
  })

  test('a host that can not be reached is 503 with the cause', async () => {
    await spark.cluster.faults.host('spark-2', 'link-down', 30)
    await spark.host('spark-2', 'unreachable')
    for (const path of ['restart', 'logs']) {
      const answer =
        path === 'logs' ? await spark.ask('GET', '/api/services/comfy/logs') : await hand.act('comfy', path)
      expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '15'])
      expect((await answer.json()).error).toMatchObject({ code: 'host_unreachable', host: 'spark-2' })
    }
    await spark.cluster.faults.clear()
    await spark.host('spark-2', 'up')
    await spark.service('comfy', 'up')
  })

  test('a model is stopped, started and restarted by the arbiter', async () => {
    await spark.load(small)
    const loaded = async () => {
      const { model } = (await (await spark.ask('GET', '/api/cluster')).json()) as { model: { recipe: string } | null }
      return model?.recipe ?? null
    }
    const swaps: [string, string | null][] = [
      ['stop', null],
      ['start', small],
      ['restart', small],
    ]
    for (const [action, recipe] of swaps) {
      const ended = await hand.done(await hand.act('llm', action))
      expect([action, ended.kind, ended.recipe, await loaded()]).toEqual([action, 'swap', recipe, recipe])
    }
    const there = await hand.act('llm', 'start')
    expect([there.status, await there.json()]).toEqual([
      200,
      { job: null, model: expect.objectContaining({ recipe: small }) },
    ])
  })
})

describe('what is hidden, disabled or without a user', () => {
  const text = async (path: string) => (await spark.ask('GET', path)).text()

  test('hidden is served and watched, but not on the overview', async () => {
    const page = await text('/')
    expect(page).not.toContain('service-shy')
    expect(await hand.view('shy')).toMatchObject({ hidden: true, disabled: false })
    expect(await text('/ui/services/shy')).toContain('hidden')
    expect(await text('/v1/models')).toContain('org/shy')
    expect(Object.keys(JSON.parse(await text('/openapi.json')).paths)).toContain('/v1/shy')
    await spark.service('shy', 'down')
    expect(await text('/metrics')).toContain('spark_service_up{service="shy"')
    expect(await text('/')).not.toContain('shy')
  })

  test('disabled is neither watched, nor served, nor on the overview', async () => {
    expect(await text('/')).not.toContain('service-off')
    expect(await hand.view('off')).toMatchObject({ disabled: true, state: 'unknown', actions: [] })
    expect(await text('/ui/services/off')).toContain('neither watched nor served')
    expect(await text('/v1/models')).not.toContain('org/off')
    expect(Object.keys(JSON.parse(await text('/openapi.json')).paths)).not.toContain('/v1/off')
    expect((await spark.ask('POST', '/v1/off', {})).status).toBe(404)
    expect(await text('/metrics')).not.toContain('service="off"')
  })

  test('a bot whose user is blank is no finding, and is as if it were not there', async () => {
    expect(spark.plane.runtime.findings).toEqual([])
    expect(await hand.view('nobody')).toMatchObject({ hidden: true, disabled: true })
    for (const path of ['/', '/metrics', '/v1/models', '/api/attention'])
      expect(await text(path)).not.toContain('nobody')
  })
})

describe('the page', () => {
  test('asks before an action, naming what happens and to whom, and works without a script', async () => {
    const page = await (await spark.ask('GET', '/ui/services/comfy')).text()
    expect(page).toContain('href="/ui/services/comfy/restart"')
    expect(page).toContain('data-follow="/api/services/comfy/logs"')
    const question = await (await spark.ask('GET', '/ui/services/comfy/restart')).text()
    expect(question).toContain('Restart ComfyUI on spark-2?')
    expect(question).toContain('Its container comfyui is restarted; requests that it works on now are broken off.')
    expect(question).toContain('<form method="post" action="/ui/services/comfy/restart">')
    const before = await hand.startedAt('comfyui')
    const answer = await fetch(`${spark.url}/ui/services/comfy/restart`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: spark.url },
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/ui/services/comfy'])
    await until('the restart', async () => ((await hand.startedAt('comfyui')) !== before ? true : null))
    expect((await spark.ask('GET', '/ui/services/bare/restart')).status).toBe(422)
    expect((await spark.ask('GET', '/ui/services/none/restart')).status).toBe(404)
  })
})

test('an engine that is only watched is passed on to by the names of all its models, and can not be driven', async () => {
  await spark.service('ollama', 'up')
  const { data } = (await (await spark.ask('GET', '/v1/models')).json()) as { data: { id: string; service: string }[] }
  const own = data.filter(({ service }) => service === 'ollama').map(({ id }) => id)
  expect(own).toEqual(expect.arrayContaining(['llama3:8b', 'qwen3:4b']))
  const answer = await spark.ask('POST', '/v1/chat/completions', { model: 'qwen3:4b', messages: [] })
  expect([answer.headers.get('x-spark-model'), await answer.json()]).toEqual([
    'qwen3:4b',
    { said: { model: 'qwen3:4b', messages: [] } },
  ])
  expect(await hand.view('ollama')).toMatchObject({ actions: [], facts: [{ label: 'Models', value: 2 }] })
  expect((await hand.act('ollama', 'restart')).status).toBe(422)
})
