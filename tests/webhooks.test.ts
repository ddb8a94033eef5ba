import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeliveryView, TargetView } from '../core/webhooks/delivery'
import { type Receiver, receiver } from '../core/webhooks/receiver.sample'
import { large, small, type TestCluster, testCluster, until } from './cluster'
import { program } from './program'

const secret = `whsec_${Buffer.from('a key for nothing but this test').toString('base64')}`
let spark: TestCluster
let told: Receiver
let other: Receiver

setDefaultTimeout(60_000)
beforeAll(async () => {
  told = receiver()
  other = receiver()
  spark = await testCluster({
    config: (text) => `${text}webhooks:\n  - { url: ${told.url}/hook, secret: WEBHOOK_SECRET }\n`,
  })
  await spark.ask('PUT', '/api/secrets/WEBHOOK_SECRET', { value: secret })
  await spark.settled()
})
afterAll(async () => {
  await spark.stop()
  await Promise.all([told.stop(), other.stop()])
})
beforeEach(() => told.answers(() => new Response()))

const deliveries = async (query = '') =>
  (await (await spark.ask('GET', `/api/webhooks/deliveries${query}`)).json()) as {
    deliveries: DeliveryView[]
    next: string | null
    targets: TargetView[]
  }
const arrived = (type: string, of: string, at = told) =>
  until(`${type} of ${of}`, () => {
    const found = at.got.filter((each) => each.type === type).map((each) => ({ ...each, ...JSON.parse(each.body) }))
    return found.find(({ data }) => [data.job, data.host, data.service].includes(of)) ?? null
  })
const types = () => told.got.map(({ type }) => type)

test('a swap is told when it starts and when it ends, each once and signed', async () => {
  const job = await spark.start(small)
  await spark.ended(job)
  const started = await arrived('swap_started', job)
  const complete = await arrived('swap_complete', job)
  expect(started.sequence).toBeLessThan(complete.sequence)
  expect(complete.data).toMatchObject({ job, service: 'llm', recipe: small, state: 'done' })
  for (const { id, at, body, signature } of [started, complete]) {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`)
  }
  expect(types().filter((type) => type === 'service_down')).toEqual([])
})

test('a swap that fails is told with its cause', async () => {
  await spark.cluster.faults.recipe(large, 'fail-at-load')
  const job = await spark.start(large)
  const { state } = await spark.ended(job)
  const failed = await arrived('swap_failed', job)
  expect(failed.data).toMatchObject({ job, recipe: large, state })
  await spark.cluster.faults.clear()
})

test('a service and a host that fail are told, and that they work again', async () => {
  await spark.cluster.faults.service('embed', 'crash', 4)
  expect((await arrived('service_down', 'embed')).data.state).toMatch(/^(down|stopped)$/)
  await arrived('service_up', 'embed')
  const host = spark.cluster.hosts[1]?.id ?? ''
  await spark.cluster.faults.host(host, 'link-down', 5)
  const down = await arrived('host_down', host)
  expect(JSON.stringify(down.data)).not.toMatch(/\d+\.\d+\.\d+\.\d+/)
  await arrived('host_up', host)
  expect(types().filter((type) => type === 'host_down')).toHaveLength(1)
})

test('a test is sent to a declared target alone, and a delivery may be sent again', async () => {
  const sent = await spark.ask('POST', '/api/webhooks/test', { url: `${told.url}/hook` })
  expect(sent.status).toBe(202)
  const { message, deliveries: made } = (await sent.json()) as { message: string; deliveries: DeliveryView[] }
  const times = (count: number) =>
    until('the message', () => (told.got.filter(({ id }) => id === message).length === count ? true : null))
  await times(1)
  const id = made[0]?.id
  expect((await spark.ask('POST', `/api/webhooks/deliveries/${id}/retry`)).status).toBe(202)
  await times(2)
  expect((await spark.ask('POST', '/api/webhooks/test', { url: 'http://192.0.2.1/' })).status).toBe(422)
  expect((await spark.ask('POST', '/api/webhooks/deliveries/delivery-99999/retry')).status).toBe(404)
  expect((await spark.ask('POST', '/api/webhooks/test')).status).toBe(202)
})

test('deliveries are listed newest first, by pages and by state', async () => {
  const first = await deliveries('?limit=1')
  const second = await deliveries(`?limit=1&cursor=${first.next}`)
  const [newest, older] = [first.deliveries[0], second.deliveries[0]]
  expect(newest?.sequence).toBeGreaterThan(older?.sequence ?? 0)
  expect(older).toMatchObject({ url: `${told.url}/hook`, state: 'delivered' })
  expect(older?.attempts.at(-1)).toMatchObject({ status: 200, error: null, next_at: null })
  expect((await deliveries('?state=dead')).deliveries).toEqual([])
  for (const query of ['?state=lost', '?limit=0', '?cursor=7'])
    expect((await spark.ask('GET', `/api/webhooks/deliveries${query}`)).status).toBe(422)
})

test('a changed target is told from then on without a restart, and what waited for the old one stays', async () => {
  told.answers(() => new Response(null, { status: 503 }))
  await spark.ask('POST', '/api/webhooks/test')
  await until('the attempt', async () => ((await deliveries('?state=pending')).deliveries.length > 0 ? true : null))
  const config = spark.cluster.configPath
  const text = await Bun.file(config).text()
  writeFileSync(config, text.replace(`${told.url}/hook`, `${other.url}/next`))
  await until('the new target', async () => {
    const { targets } = await deliveries()
    return targets[0]?.url === `${other.url}/next` ? true : null
  })
  const before = told.got.length
  const job = await spark.start(null)
  await spark.ended(job)
  await arrived('swap_complete', job, other)
  expect(other.got.map(({ path }) => path)).not.toContain('/hook')
  expect(told.got.length).toBe(before)
  expect((await deliveries('?state=waiting')).deliveries[0]?.reason).toBe('its target is no longer declared')
})

test('a controller that is killed while it sends sends again when it is back, with the same id, and never to itself', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spark-hooks-'))
  const config = join(folder, 'spark.config.yaml')
  const write = (urls: string[]) =>
    writeFileSync(
      config,
      `hosts: { spark-1: { address: 127.0.0.1, ssh_port: 1, user: spark } }\nwebhooks:\n${urls
        .map((url) => `  - { url: "${url}", secret: KEY }\n`)
        .join('')}`,
    )
  const start = async () => {
    const running = program(['serve', '--config', config, '--data', join(folder, 'data'), '--port', '0'])
    return { running, url: await running.line(/^ready (\S+)/) }
  }
  const post = (url: string, path: string, method = 'POST', body = '{}') =>
    fetch(`${url}${path}`, { method, body, headers: { 'content-type': 'application/json' } })
  const at = receiver()
  write([`${at.url}/hook`])
  let controller = await start()
  try {
    at.answers('hang')
    await post(controller.url, '/api/secrets/KEY', 'PUT', JSON.stringify({ value: secret }))
    await post(controller.url, '/api/webhooks/test')
    await until('the message', () => at.got[0] ?? null)
    controller.running.kill('SIGKILL')
    await controller.running.exited
    at.answers(() => new Response())
    controller = await start()
    await until('the message again', () => at.got[1] ?? null)
    expect(at.got[1]).toMatchObject({ id: at.got[0]?.id, body: at.got[0]?.body })

    const self = `${controller.url.replace('localhost', '127.0.0.1')}/api/webhooks/test`
    write([self])
    const refused = await until('the refusal', async () => {
      await post(controller.url, '/api/webhooks/test', 'POST', JSON.stringify({ url: self }))
      const answer = await (await fetch(`${controller.url}/api/webhooks/deliveries`)).json()
      return (
        (answer.deliveries as DeliveryView[]).flatMap(({ attempts }) => attempts).find(({ error }) => error) ?? null
      )
    })
    expect(refused.error).toContain('is this controller itself')
  } finally {
    controller.running.kill('SIGKILL')
    await controller.running.exited
    await at.stop()
    rmSync(folder, { recursive: true })
  }
})
