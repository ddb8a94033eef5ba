import { afterEach, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import type { WebhookTarget } from '../config/cluster'
import type { Receiver } from './receiver.sample'
import { type Stage, stage } from './stage.sample'
import { UndeclaredError } from './webhooks'

const s = 1000
const minute = 60 * s
const hour = 60 * minute

let on: Stage
afterEach(() => on.close())

const target = (at: Receiver, path = '', events: string[] = []): WebhookTarget => ({
  url: `${at.url}/hook${path}`,
  secret: 'KEY',
  events,
})

/** A stage with one receiver that is told of everything. */
function one() {
  let at: Receiver | undefined
  on = stage((receivers) => {
    at = receivers[0]
    return receivers.map((each) => target(each))
  })
  if (!at) throw new Error('a receiver is missing')
  return at
}

function two(): [Receiver, Receiver] {
  let both: Receiver[] = []
  on = stage((receivers) => {
    both = receivers
    return receivers.map((each) => target(each))
  }, 2)
  const [a, b] = both
  if (!a || !b) throw new Error('a receiver is missing')
  return [a, b]
}

const add = (job: string) => on.hooks.outbox.add(`swap_complete:${job}`, 'swap_complete', { job })
const states = () => on.hooks.list({ limit: 100 }).map(({ state }) => state)
const newest = () => {
  const [delivery] = on.hooks.list({ limit: 1 })
  if (!delivery) throw new Error('there is no delivery')
  return delivery
}
/** When the attempts were made, in seconds after the first. */
const offsets = () => {
  const times = newest().attempts.map(({ at }) => Date.parse(at))
  return times.map((at) => Math.round((at - (times[0] ?? 0)) / s))
}

function first({ got: [received] }: Receiver) {
  if (!received) throw new Error('nothing arrived')
  return received
}

/** Verifies as the specification says, by other means than those that signed. */
function verified({ id, at, body, signature }: Receiver['got'][number], secret = on.secrets.get('KEY') ?? '') {
  const key = Uint8Array.from(atob(secret.replace('whsec_', '')), (letter) => letter.charCodeAt(0))
  const content = new TextEncoder().encode(`${id}.${at}.${body}`)
  const expected = createHmac('sha256', key).update(content).digest('base64')
  return signature === `v1,${expected}`
}

test('an event arrives once, signed, with its type, time and order', async () => {
  const at = one()
  add('swap-1')
  add('swap-1')
  await on.clock.pass(0)
  expect(at.got).toHaveLength(1)
  const got = first(at)
  expect(verified(got)).toBe(true)
  expect(got.at).toBe(on.clock.now() / s)
  expect(JSON.parse(got.body)).toEqual({
    type: 'swap_complete',
    timestamp: '2026-01-31T12:00:00.000Z',
    sequence: 1,
    data: { job: 'swap-1' },
  })
  expect(newest()).toMatchObject({ message: got.id, state: 'delivered', next_at: null, url: `${at.url}/hook` })
  expect(newest().attempts).toMatchObject([{ status: 200, error: null, next_at: null }])
})

test('a target that is down for an hour is told by the plan of retries, with one id', async () => {
  const at = one()
  at.answers(() => new Response('later', { status: 503 }))
  add('swap-1')
  await on.clock.pass(hour)
  expect(offsets()).toEqual([0, 2, 12, 72, 372, 2172])
  expect(newest()).toMatchObject({ state: 'pending', attempts: { 0: { status: 503, error: 'answered 503: later' } } })
  at.answers(() => new Response())
  await on.clock.pass(2 * hour)
  expect(newest()).toMatchObject({ state: 'delivered' })
  expect(new Set(at.got.map(({ id }) => id)).size).toBe(1)
  expect(new Set(at.got.map(({ at: sent }) => sent)).size).toBe(7)
  expect(at.got.every((each) => verified(each))).toBe(true)
})

test('a target that nothing listens at is tried in the same way, then given up and told of', async () => {
  const at = one()
  await at.stop()
  add('swap-1')
  await on.clock.pass(48 * hour)
  expect(newest()).toMatchObject({ state: 'dead', next_at: null })
  expect(newest().attempts).toHaveLength(9)
  expect(newest().attempts[8]).toMatchObject({ status: null, error: 'nothing listens there', next_at: null })
  expect(on.hooks.attention()).toMatchObject([
    { subject: `webhook:${at.url}/hook`, text: `webhooks to ${at.url}/hook do not arrive: nothing listens there` },
  ])
})

test('a target that takes 60 s to answer fails after 15 s, and holds up no other', async () => {
  const [slow, quick] = two()
  slow.answers('hang')
  add('swap-1')
  add('swap-2')
  await on.clock.pass(0)
  expect([slow.got.length, quick.got.length]).toEqual([1, 2])
  await on.clock.pass(16 * s)
  const [, , , first] = on.hooks.list({ limit: 4 })
  expect(first?.attempts).toMatchObject([{ status: null, ms: 15_000, error: 'no answer within 15 s' }])
  slow.answers(() => new Response())
  await on.clock.pass(minute)
  expect(states()).toEqual(['delivered', 'delivered', 'delivered', 'delivered'])
})

test('a redirect is a failure and is never followed', async () => {
  const [at, other] = two()
  at.answers(() => Response.redirect(`${other.url}/stolen`, 302))
  add('swap-1')
  await on.clock.pass(0)
  expect(other.got.map(({ path }) => path)).toEqual(['/hook'])
  expect(on.hooks.list({ limit: 2 })[1]).toMatchObject({
    state: 'pending',
    attempts: [{ status: 302, error: 'answered 302: redirects are not followed; declare the address itself' }],
  })
})

test('a target that answers 410 gets nothing more until a person sends again', async () => {
  const at = one()
  at.answers(() => new Response(null, { status: 410 }))
  add('swap-1')
  await on.clock.pass(0)
  add('swap-2')
  await on.clock.pass(20 * minute)
  expect(at.got).toHaveLength(1)
  expect(states()).toEqual(['waiting', 'waiting'])
  expect(on.hooks.attention()[0]?.text).toEndWith('wait: it answered 410: it wants no more messages')
  at.answers(() => new Response())
  on.hooks.again(newest().id)
  await on.clock.pass(minute)
  expect(states()).toEqual(['delivered', 'delivered'])
  expect(on.hooks.attention()).toEqual([])
})

test('a target that answered 410 stays off over a restart, and is on again once its entry changed', async () => {
  const at = one()
  at.answers(() => new Response(null, { status: 410 }))
  add('swap-1')
  await on.clock.pass(0)
  at.answers(() => new Response())
  on.kill()
  on.again([target(at)])
  await on.clock.pass(20 * minute)
  expect([at.got.length, states()]).toEqual([1, ['waiting']])
  on.kill()
  on.again([target(at, '', ['swap_complete'])])
  await on.clock.pass(minute)
  expect([at.got.length, states()]).toEqual([2, ['delivered']])
})

test('Retry-After puts the next attempt off, by an hour at most', async () => {
  const at = one()
  at.answers(() => new Response(null, { status: 429, headers: { 'retry-after': '90' } }))
  add('swap-1')
  await on.clock.pass(100 * s)
  expect(offsets()).toEqual([0, 90])
  at.answers(() => new Response(null, { status: 429, headers: { 'retry-after': '999999' } }))
  await on.clock.pass(2 * hour)
  expect(offsets()).toEqual([0, 90, 180, 3780])
})

test('what was on its way when the controller was killed is sent again, with the same id', async () => {
  const at = one()
  at.answers('hang')
  add('swap-1')
  await on.clock.pass(0)
  on.kill()
  at.answers(() => new Response())
  on.again([target(at)])
  await on.clock.pass(minute)
  expect(at.got).toHaveLength(2)
  expect(at.got[0]?.id).toBe(at.got[1]?.id ?? '')
  expect(at.got[0]?.body).toBe(at.got[1]?.body ?? '')
  expect(newest().attempts).toHaveLength(1)
})

test('an event that was told is not told again after a restart, by the same name', async () => {
  const at = one()
  add('swap-1')
  await on.clock.pass(0)
  on.kill()
  on.again([target(at)])
  add('swap-1')
  await on.clock.pass(hour)
  expect(at.got).toHaveLength(1)
})

test('a target that is declared later gets what comes from then on; one that is no longer declared gets nothing', async () => {
  const at = one()
  at.answers(() => new Response(null, { status: 500 }))
  add('swap-1')
  await on.clock.pass(0)
  const next = on.receiver()
  on.kill()
  on.again([target(next)])
  add('swap-2')
  await on.clock.pass(48 * hour)
  expect(next.got.map(({ sequence }) => sequence)).toEqual([2])
  expect(at.got).toHaveLength(1)
  expect(on.hooks.list({ limit: 2 }).map(({ state, reason }) => [state, reason])).toEqual([
    ['delivered', null],
    ['waiting', 'its target is no longer declared'],
  ])
  expect(on.hooks.list({ limit: 9, state: 'waiting' })).toHaveLength(1)
  expect(on.hooks.list({ limit: 9, state: 'pending' })).toEqual([])
  expect(() => on.hooks.again('delivery-1')).toThrow(UndeclaredError)
})

test('a target is told of the events it asked for alone', async () => {
  const at = one()
  on.kill()
  on.again([target(at, '/a', ['swap_failed']), target(at, '/b')])
  add('swap-1')
  on.hooks.outbox.add('swap_failed:swap-2', 'swap_failed', {})
  await on.clock.pass(0)
  expect(at.got.map(({ path, type }) => `${path} ${type}`).sort()).toEqual([
    '/hook/a swap_failed',
    '/hook/b swap_complete',
    '/hook/b swap_failed',
  ])
})

test('without its secret a message waits, and is sent once it is set', async () => {
  const at = one()
  on.secrets.delete('KEY')
  add('swap-1')
  await on.clock.pass(20 * minute)
  expect([at.got.length, states()]).toEqual([0, ['waiting']])
  expect(on.hooks.attention()).toMatchObject([
    {
      text: `webhooks to ${at.url}/hook wait: the secret KEY is not set`,
      remedy: 'set it to what the receiver told you: PUT /api/secrets/KEY',
    },
  ])
  on.secrets.set('KEY', 'plain text')
  await on.clock.pass(11 * s)
  expect(states()).toEqual(['delivered'])
  expect(verified(first(at), btoa('plain text'))).toBe(true)
})

test('a clock that is set hurries no attempt and delays none', async () => {
  const at = one()
  at.answers(() => new Response(null, { status: 500 }))
  add('swap-1')
  await on.clock.pass(20 * s)
  on.clock.jump(-hour)
  await on.clock.pass(minute)
  expect(at.got).toHaveLength(4)
  on.clock.jump(2 * hour)
  await on.clock.pass(minute)
  expect(at.got).toHaveLength(4)
})

test('what was added in a transaction that failed is never sent', async () => {
  const at = one()
  await on.clock.pass(0)
  expect(() =>
    on.store.transaction(() => {
      add('swap-1')
      throw new Error('the journal took nothing')
    })(),
  ).toThrow('the journal took nothing')
  add('swap-2')
  await on.clock.pass(minute)
  expect(at.got.map(({ body }) => JSON.parse(body).data)).toEqual([{ job: 'swap-2' }])
})

test('a test goes to the targets that were named, whatever they asked for', async () => {
  const [a, b] = two()
  expect(on.hooks.test(`${b.url}/hook`)).toMatchObject([{ type: 'test', url: `${b.url}/hook` }])
  await on.clock.pass(0)
  expect([a.got.length, b.got.map(({ type }) => type)]).toEqual([0, ['test']])
  expect(on.hooks.test(null)).toHaveLength(2)
  expect(() => on.hooks.test('http://192.0.2.1/')).toThrow(UndeclaredError)
})

test('list() shows no user, password or value of a query', async () => {
  const at = one()
  on.kill()
  on.again([target(at, '?token=hidden')])
  add('swap-1')
  expect(JSON.stringify([on.hooks.list({ limit: 9 }), on.hooks.targets(), on.hooks.attention()])).not.toContain(
    'hidden',
  )
  expect(newest().url).toBe(`${at.url}/hook?token=…`)
})

test('a message that arrives after a later one tells its place by its sequence', async () => {
  const at = one()
  at.answers(() => new Response(null, { status: 500 }))
  add('swap-1')
  await on.clock.pass(0)
  at.answers(() => new Response())
  add('swap-2')
  await on.clock.pass(minute)
  expect(at.got.map(({ sequence }) => sequence)).toEqual([1, 2, 1])
})

test('a person may send a dead message again', async () => {
  const at = one()
  at.answers(() => new Response(null, { status: 400 }))
  add('swap-1')
  await on.clock.pass(48 * hour)
  expect(states()).toEqual(['dead'])
  at.answers(() => new Response())
  expect(on.hooks.again(newest().id)).toMatchObject({ state: 'pending' })
  await on.clock.pass(0)
  expect(states()).toEqual(['delivered'])
  expect(newest().attempts).toHaveLength(10)
  expect(on.hooks.again('delivery-99')).toBeNull()
  expect(on.hooks.again('swap-1')).toBeNull()
})

test('a person may send a message again while its last attempt is on its way', async () => {
  const at = one()
  at.answers(() => new Response(null, { status: 500 }))
  add('swap-1')
  await on.clock.pass(117_370 * s)
  at.answers('hang')
  await on.clock.pass(5 * s)
  expect([newest().attempts.length, at.got.length, at.hanging]).toEqual([8, 9, 1])
  on.hooks.again(newest().id)
  at.answers(() => new Response())
  await on.clock.pass(15 * s)
  expect(states()).toEqual(['delivered'])
  expect(newest().attempts).toHaveLength(10)
})
