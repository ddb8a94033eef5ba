import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { RecordedEvent } from '../core/history/event'
import { type TestCluster, testCluster, until } from './cluster'

setDefaultTimeout(60_000)

let spark: TestCluster

beforeAll(async () => {
  spark = await testCluster()
  await spark.settled()
})
afterEach(() => spark.cluster.faults.clear())
afterAll(() => spark.stop())

async function json<T>(path: string): Promise<T> {
  return (await (await spark.ask('GET', path)).json()) as T
}
const events = async (query = '') =>
  json<{ events: RecordedEvent[]; next: string | null }>(`/api/history${query ? `?${query}` : ''}`)

test('an outage is one entry of the history, with its begin and its end, on the page in a sentence', async () => {
  await spark.cluster.faults.host('spark-2', 'link-down', 3)
  await spark.host('spark-2', 'unreachable')
  await spark.host('spark-2', 'up')
  const { events: found } = await events('host=spark-2')
  const outages = found.filter(({ state }) => state === 'unreachable')
  expect(outages).toHaveLength(1)
  expect(outages[0]).toMatchObject({ type: 'connectivity', subject: 'host:spark-2', service: null })
  expect(outages[0]?.duration_s).toBeGreaterThan(1)
  expect(found.every(({ host }) => host === 'spark-2')).toBe(true)
  const page = await (await spark.ask('GET', '/ui/activity?host=spark-2')).text()
  expect(page.replace(/<[^>]+>/g, '')).toMatch(/spark-2 was unreachable for \d s: /)
})

test('the history is told in pages by a cursor, without a repeat and without a hole', async () => {
  for (let n = 0; n < 7; n++) spark.plane.runtime.history.note({ type: 'action', host: 'spark-1', text: `${n}` })
  const texts: (string | null)[] = []
  let cursor = ''
  while (texts.length < 7) {
    const page = await events(`host=spark-1&limit=2${cursor}`)
    texts.push(...page.events.map(({ text }) => text))
    cursor = `&cursor=${page.next}`
  }
  expect(texts.slice(0, 7)).toEqual(['6', '5', '4', '3', '2', '1', '0'])
})

test('a metric of a Spark is told as points with its unit, as soon as it was seen', async () => {
  const { metrics } = await json<{ metrics: { metric: string; unit: string }[] }>('/api/hosts/spark-1/history')
  expect(metrics).toContainEqual({ metric: 'memory_available_bytes', unit: 'bytes' })
  const path = '/api/hosts/spark-1/history?metric=memory_available_bytes'
  const to = new Date(Date.now() + 60_000).toISOString()
  const seconds = await json<Points>(`${path}&from=${new Date(Date.now() - 600_000).toISOString()}&to=${to}&step=1`)
  expect(seconds).toMatchObject({ unit: 'bytes', step_s: 1 })
  expect(seconds.points.length).toBeGreaterThan(1)
  const year = await json<Points>(`${path}&from=${new Date(Date.now() - 365 * 86_400_000).toISOString()}`)
  expect(year.step_s).toBe(86_400)
  for (const { avg, min, max } of [...seconds.points, ...year.points]) {
    expect(min).toBeGreaterThan(0)
    expect(avg).toBeGreaterThanOrEqual(min)
    expect(avg).toBeLessThanOrEqual(max)
  }
})

interface Points {
  unit: string
  step_s: number
  points: { at: string; avg: number; min: number; max: number }[]
}

test('the figures of a service are told by the names of its facts', async () => {
  const metrics = await until('figures of embed', async () => {
    const found = await json<{ metrics: { metric: string; unit: string | null }[] }>('/api/services/embed/history')
    return found.metrics.length > 0 ? found.metrics : null
  })
  expect(metrics).toEqual([{ metric: 'embedded', unit: 'texts' }])
})

const from = '2026-01-01T00:00:00Z'
test.each([
  ['/api/history?since=yesterday', 422, 'since'],
  ['/api/history?until=2026-01-01', 422, 'until'],
  [`/api/history?since=2026-02-01T00:00:00Z&until=${from}`, 422, 'until'],
  ['/api/history?host=../x', 422, 'host'],
  ['/api/history?cursor=x', 422, 'cursor'],
  ['/api/history?limit=0', 422, 'limit'],
  ['/api/jobs?cursor=x', 422, 'cursor'],
  ['/api/jobs?limit=x', 422, 'limit'],
  ['/api/hosts/none/history', 404, null],
  ['/api/services/none/history', 404, null],
  ['/api/hosts/spark-1/history?metric=none', 422, 'metric'],
  ['/api/hosts/spark-1/history?metric=load_1m&step=0', 422, 'step'],
  [`/api/hosts/spark-1/history?metric=load_1m&from=${from}&step=1`, 422, 'step'],
  [`/api/hosts/spark-1/history?metric=load_1m&from=${from}&to=${from}`, 422, 'from'],
])('GET %s is %d and names %p', async (path, status, param) => {
  const answer = await spark.ask('GET', path)
  const { error } = (await answer.json()) as { error: { param: string | null; message: string } }
  expect([answer.status, error.param]).toEqual([status, param])
  expect(error.message).toMatch(/^[a-z]+: .+; .+[^.]$/)
})

test('a host of which nothing is recorded has an empty history, not an error', async () => {
  expect(await events('host=none')).toEqual({ events: [], next: null })
})

test('the page of a Spark shows its past in every range, with a text for whoever does not see it', async () => {
  for (const range of ['1h', '24h', '7d', '1y']) {
    const page = await (await spark.ask('GET', `/ui/hosts/spark-1?range=${range}`)).text()
    expect(page).toMatch(
      /role="img" aria-label="Memory used, Last [^"]+: from [\d.]+ GiB to [\d.]+ GiB, last [\d.]+ GiB"/,
    )
    expect(page).toContain('aria-label="GPU, last 15 min: ')
  }
  expect((await spark.ask('GET', '/ui/hosts/none')).status).toBe(404)
})
