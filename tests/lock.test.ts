import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordedEvent } from '../core/history/event'
import { small, type TestCluster, testCluster, until } from './cluster'
import { program } from './program'
import { serverSent } from './server-sent'

const path = '/api/swap/lock'
const evaluation = { holder: 'evaluation', reason: 'nightly run', ttl_s: 60 }
const free = { holder: null, reason: null, expires_at: null }
let spark: TestCluster

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster()
})
afterAll(() => spark.stop())
beforeEach(async () => {
  await spark.ask('DELETE', `${path}?force=true`)
})

const take = (body: unknown = evaluation) => spark.ask('POST', path, body)
const held = (token: string) => ({ 'x-swap-token': token })

test('the lock is taken, renewed and released by its token alone', async () => {
  const answer = await take()
  const { token, ...rest } = await answer.json()
  expect(answer.status).toBe(201)
  expect(Object.keys(rest)).toEqual(['expires_at'])
  expect(await (await spark.ask('GET', path)).json()).toEqual({ holder: 'evaluation', reason: 'nightly run', ...rest })
  const renewed = await spark.ask('PUT', path, { ttl_s: 3600 }, held(token))
  const { expires_at, ...who } = await renewed.json()
  expect(who).toEqual({ holder: 'evaluation', reason: 'nightly run' })
  expect(Date.parse(expires_at) - Date.parse(rest.expires_at)).toBeGreaterThan(3_500_000)
  expect((await spark.ask('PUT', path, undefined, held(token))).status).toBe(200)
  const released = await spark.ask('DELETE', path, undefined, held(token))
  expect([released.status, await released.json()]).toEqual([200, free])
  expect((await spark.ask('PUT', path, undefined, held(token))).status).toBe(403)
})

test('a second taker is told who holds it, why, and how long', async () => {
  const { expires_at } = await (await take()).json()
  const answer = await take({ holder: 'Bob', reason: 'a demo', ttl_s: 1 })
  const { error } = await answer.json()
  expect(answer.status).toBe(423)
  expect(error).toMatchObject({ code: 'swap_locked', holder: 'evaluation', reason: 'nightly run', expires_at })
  expect(error.retry_after_s).toBeGreaterThan(0)
  expect(answer.headers.get('retry-after')).toBe(String(error.retry_after_s))
})

test('of many takers at once exactly one holds it', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => take()))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(19).fill(423)])
})

test('without the token, or with a wrong one, it is neither renewed nor released', async () => {
  await take()
  for (const headers of [{}, held('wrong'), held('')]) {
    for (const method of ['PUT', 'DELETE']) {
      const answer = await spark.ask(method, path, undefined, headers)
      expect([answer.status, (await answer.json()).error.code]).toEqual([403, 'not_lock_holder'])
    }
  }
  expect(await (await spark.ask('GET', path)).json()).toMatchObject({ holder: 'evaluation' })
})

test('a release by force needs no token and is recorded', async () => {
  await take()
  const answer = await spark.ask('DELETE', `${path}?force=true`)
  expect([answer.status, await answer.json()]).toEqual([200, free])
  expect(await recorded()).toContain('the swap lock of evaluation was released by force')
  expect((await spark.ask('DELETE', `${path}?force=perhaps`)).status).toBe(422)
})

test('it ends by itself, and readers of events are told', async () => {
  const events = serverSent(await spark.ask('GET', '/api/events'))
  await events.next()
  await take({ ...evaluation, ttl_s: 1 })
  const seen: unknown[] = []
  for await (const { event, data } of events) {
    if (event === 'lock') seen.push(JSON.parse(data))
    if (seen.length === 2) break
  }
  expect(seen).toEqual([expect.objectContaining({ holder: 'evaluation' }), free])
  expect(await recorded()).toContain('the swap lock of evaluation ended with its time')
  expect((await (await spark.ask('GET', '/api/cluster')).json()).lock).toEqual(free)
})

test.each([
  [{ ...evaluation, ttl_s: 0 }, '/ttl_s'],
  [{ ...evaluation, ttl_s: 86_401 }, '/ttl_s'],
  [{ ...evaluation, ttl_s: 1.5 }, '/ttl_s'],
  [{ ...evaluation, ttl_s: undefined }, '/ttl_s'],
  [{ ...evaluation, holder: '' }, '/holder'],
  [{ ...evaluation, holder: ' ' }, '/holder'],
  [{ ...evaluation, holder: 'x'.repeat(121) }, '/holder'],
  [{ ...evaluation, holder: 'two\nlines' }, '/holder'],
  [{ ...evaluation, holder: 7 }, '/holder'],
  [{ ...evaluation, reason: 'two\u2028lines' }, '/reason'],
  [{ ...evaluation, reason: 'x'.repeat(501) }, '/reason'],
  [{ ...evaluation, token: 'mine' }, '/token'],
])('%j is refused at %s', async (body, param) => {
  const answer = await take(body)
  expect([answer.status, (await answer.json()).error.param]).toEqual([422, param])
  expect(await (await spark.ask('GET', path)).json()).toEqual(free)
})

test('no method takes the lock for a job of that name', async () => {
  const statuses: Record<string, number> = {}
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
    const answer = await spark.ask(method, path, method === 'POST' ? evaluation : undefined)
    expect(await answer.text()).not.toContain('job')
    statuses[method] = answer.status
  }
  expect(statuses).toMatchObject({ GET: 200, POST: 201, PUT: 403, DELETE: 403, PATCH: 405 })
})

test('while it is held only its holder swaps', async () => {
  await spark.settled()
  const { token } = await (await take()).json()
  const refused = await spark.ask('POST', '/api/swap', { recipe: small })
  expect([refused.status, (await refused.json()).error]).toEqual([
    423,
    expect.objectContaining({ code: 'swap_locked', holder: 'evaluation' }),
  ])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await spark.ask('POST', '/api/swap', { recipe: small }, held('wrong'))).status).toBe(423)
  const accepted = await spark.ask('POST', '/api/swap', { recipe: small }, held(token))
  expect(accepted.status).toBe(202)
  expect((await spark.ended((await accepted.json()).job)).state).toBe('done')
})

test('a forced swap names the holder, and is told so', async () => {
  await take()
  const forced = (force: string, more = {}) => spark.ask('POST', `/api/swap?force=${force}`, { recipe: small, ...more })
  for (const more of [{}, { confirm: 'Bob' }]) {
    const answer = await forced('true', more)
    expect([answer.status, (await answer.json()).error.message]).toEqual([
      423,
      expect.stringContaining("or confirm with the holder's name"),
    ])
  }
  expect((await forced('perhaps', { confirm: 'evaluation' })).status).toBe(422)
})

test('a configuration that is read anew leaves the lock with its holder', async () => {
  const before = spark.plane.runtime
  const { token, expires_at } = await (await take()).json()
  const { configPath } = spark.cluster
  await Bun.write(configPath, `${await Bun.file(configPath).text()}\naliases: { mine: ${small} }\n`)
  await until('the reload', () => (spark.plane.runtime === before ? null : true))
  expect(await (await spark.ask('GET', path)).json()).toMatchObject({ holder: 'evaluation', expires_at })
  expect((await spark.ask('DELETE', path, undefined, held(token))).status).toBe(200)
})

test('a lock outlives a controller that is killed, and its token with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-lock-'))
  const config = join(folder, 'spark.config.yaml')
  await Bun.write(config, 'hosts: {}\n')
  const serve = async () => {
    const running = program(['serve', '--config', config, '--data', join(folder, 'data'), '--port', '0'])
    return { running, url: `${await running.line(/^ready (http\S+)/)}${path}` }
  }
  try {
    const first = await serve()
    const body = JSON.stringify(evaluation)
    const json = { 'content-type': 'application/json' }
    const { token, expires_at } = await (await fetch(first.url, { method: 'POST', body, headers: json })).json()
    first.running.kill('SIGKILL')
    await first.running.exited
    const second = await serve()
    expect(await (await fetch(second.url)).json()).toMatchObject({ holder: 'evaluation', expires_at })
    expect((await fetch(second.url, { method: 'POST', body, headers: json })).status).toBe(423)
    expect((await fetch(second.url, { method: 'DELETE', headers: held(token) })).status).toBe(200)
    second.running.kill()
    await second.running.exited
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

async function recorded(): Promise<(string | null)[]> {
  return until('the record', async () => {
    const { events } = (await (await spark.ask('GET', '/api/history')).json()) as { events: RecordedEvent[] }
    return events.length > 0 ? events.map(({ text }) => text) : null
  })
}
