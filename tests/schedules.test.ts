import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import type { ScheduleView } from '../core/coordination/schedules'
import { small, type TestCluster, testCluster } from './cluster'
import { serverSent } from './server-sent'

const nightly = {
  owner: 'evaluation',
  title: 'Nightly run',
  recipe: small,
  cron: '0 3 * * 1-5',
  timezone: 'Europe/Berlin',
  duration_s: 7200,
}
let spark: TestCluster

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster({ hosts: 1 })
})
afterAll(() => spark.stop())
beforeEach(async () => {
  for (const { id } of (await list()).schedules) await spark.ask('DELETE', `/api/schedules/${id}`)
})

test('a swap is planned, read, planned anew and removed', async () => {
  const answer = await spark.ask('POST', '/api/schedules', nightly)
  const made = await answer.json()
  expect(answer.status).toBe(201)
  expect(answer.headers.get('location')).toBe(`/api/schedules/${made.id}`)
  expect(made).toMatchObject({ ...nightly, at: null, overlaps: [] })
  expect(made.id).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/)
  expect(made.next).toHaveLength(5)
  for (const time of made.next) expect(inBerlin(time)).toMatch(/^(Mon|Tue|Wed|Thu|Fri),? 03:00$/)
  expect(await (await spark.ask('GET', `/api/schedules/${made.id}`)).json()).toEqual(made)
  expect(await list()).toEqual({ schedules: [made], next: null })
  const changed = await spark.ask('PUT', `/api/schedules/${made.id}`, {
    ...nightly,
    title: 'Weekly run',
    cron: '0 3 * * 0',
  })
  expect([changed.status, await changed.json()]).toEqual([
    200,
    expect.objectContaining({ id: made.id, title: 'Weekly run', created_at: made.created_at }),
  ])
  expect((await spark.ask('DELETE', `/api/schedules/${made.id}`)).status).toBe(204)
  for (const [method, body] of [['GET'], ['PUT', nightly], ['DELETE']] as const)
    expect((await spark.ask(method, `/api/schedules/${made.id}`, body)).status).toBe(404)
})

test('the list goes on where it ended, also when that entry was removed meanwhile', async () => {
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push((await (await spark.ask('POST', '/api/schedules', nightly)).json()).id)
  const first = await list('?limit=2')
  expect([first.schedules.map(({ id }) => id), first.next]).toEqual([ids.slice(0, 2), ids[1] ?? ''])
  await spark.ask('DELETE', `/api/schedules/${ids[1]}`)
  const second = await list(`?limit=2&cursor=${first.next}`)
  expect(second.schedules.map(({ id }) => id)).toEqual(ids.slice(2, 4))
  const last = await list(`?limit=2&cursor=${second.next}`)
  expect([last.schedules.map(({ id }) => id), last.next]).toEqual([ids.slice(4), null])
  expect((await spark.ask('GET', '/api/schedules?cursor=nonsense')).status).toBe(422)
})

test('one Idempotency-Key plans once', async () => {
  const key = { 'idempotency-key': crypto.randomUUID() }
  const asked = Array.from({ length: 3 }, () => spark.ask('POST', '/api/schedules', nightly, key))
  const answers = await Promise.all((await Promise.all(asked)).map((each) => each.json()))
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
  expect((await list()).schedules).toHaveLength(1)
})

test('two plans for the same time name each other, and readers of events are told', async () => {
  const events = serverSent(await spark.ask('GET', '/api/events'))
  await events.next()
  const first = await (await spark.ask('POST', '/api/schedules', nightly)).json()
  const second = await (
    await spark.ask('POST', '/api/schedules', { ...nightly, recipe: null, cron: '0 4 * * *' })
  ).json()
  expect(second.overlaps).toEqual([first.id])
  expect((await list()).schedules.map(({ overlaps }) => overlaps)).toEqual([[second.id], [first.id]])
  for await (const { event, data } of events) {
    if (event !== 'schedules') continue
    expect(JSON.parse(data)).toEqual({ id: first.id, schedule: first })
    break
  }
})

test.each([
  [{ recipe: 'no-such-recipe' }, '/recipe'],
  [{ recipe: undefined }, '/recipe'],
  [{ cron: '0 3 31 2 *' }, '/cron'],
  [{ cron: '0 0 3 * * *' }, '/cron'],
  [{ cron: null }, '/cron'],
  [{ at: '2099-01-01T00:00:00Z' }, '/at'],
  [{ cron: null, at: '2020-01-01T00:00:00Z' }, '/at'],
  [{ timezone: 'Mars/Phobos' }, '/timezone'],
  [{ duration_s: 59 }, '/duration_s'],
  [{ duration_s: 604_801 }, '/duration_s'],
  [{ owner: '' }, '/owner'],
  [{ title: 'two\nlines' }, '/title'],
  [{ id: 'mine' }, '/id'],
])('%j is refused at %s, and changes nothing', async (changes, param) => {
  const { id } = await (await spark.ask('POST', '/api/schedules', nightly)).json()
  const before = await list()
  for (const [method, path] of [
    ['POST', '/api/schedules'],
    ['PUT', `/api/schedules/${id}`],
  ] as const) {
    const answer = await spark.ask(method, path, { ...nightly, ...changes })
    expect([answer.status, (await answer.json()).error.param]).toEqual([422, param])
  }
  expect(await list()).toEqual(before)
})

async function list(query = ''): Promise<{ schedules: ScheduleView[]; next: string | null }> {
  return (await spark.ask('GET', `/api/schedules${query}`)).json()
}

function inBerlin(time: string): string {
  const form = {
    timeZone: 'Europe/Berlin',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const
  return new Intl.DateTimeFormat('en', form).format(new Date(time))
}
