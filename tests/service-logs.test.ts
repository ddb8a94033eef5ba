import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { appendFileSync, writeFileSync } from 'node:fs'
import { small, type TestCluster, testCluster, until } from './cluster'
import { serverSent } from './server-sent'
import { serviceHand } from './service-hand'

let spark: TestCluster
let hand: ReturnType<typeof serviceHand>

setDefaultTimeout(60_000)

const more = `  bare: { kind: http, host: spark-1, port: 4003 }
  lost: { kind: http, host: spark-1, port: 4004, container: not-there }
`

beforeAll(async () => {
  spark = await testCluster({ config: (text) => `${text}${more}` })
  hand = serviceHand(spark)
  await spark.settled()
  await spark.service('comfy', 'up')
})
afterAll(() => spark.stop())

const lines = (count: number) => spark.ask('GET', `/api/services/comfy/logs?lines=${count}`)

test('the end of the log is text, cleaned of what would act on a terminal or a page', async () => {
  const bar = Array.from({ length: 100 }, (_, n) => `\r${n + 1}% done`).join('')
  appendFileSync(
    hand.logOf('comfyui'),
    `\x1b[31mred\x1b[0m \x1b]0;title\x07text\n${bar}\n<script>x</script>\u202e\x00\n`,
  )
  const answer = await lines(3)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(await answer.text()).toBe('red text\n100% done\n<script>x</script>\n')
  expect((await (await lines(1)).text()).split('\n')).toHaveLength(2)
})

test('a wrong question is refused in words', async () => {
  const refused: [string, number, string][] = [
    ['/api/services/none/logs', 404, 'service_not_found'],
    ['/api/services/bare/logs', 422, 'no_container'],
    ['/api/services/lost/logs', 422, 'container_missing'],
    ['/api/services/comfy/logs?lines=x', 422, 'invalid_lines'],
    ['/api/services/comfy/logs?host=spark-1', 422, 'host_not_of_service'],
  ]
  for (const [path, status, code] of refused) {
    const answer = await spark.ask('GET', path)
    expect([path, answer.status, (await answer.json()).error.code]).toEqual([path, status, code])
  }
})

test('the log of a service on several hosts is told host by host', async () => {
  await spark.load(small)
  const answers = await Promise.all(
    ['spark-1', 'spark-2'].map((host) => spark.ask('GET', `/api/services/llm/logs?host=${host}`)),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 422])
})

test('a follower gets the end of the log, then what comes, and goes on over a restart', async () => {
  appendFileSync(hand.logOf('comfyui'), 'before\n')
  const follower = await followed('comfy', '?lines=1')
  await follower.sees('before')
  appendFileSync(hand.logOf('comfyui'), 'quiet \x1b[1mnews\x1b[0m\n')
  await follower.sees('quiet news')
  await hand.done(await hand.act('comfy', 'stop'))
  await follower.sees('… the container does not run')
  await hand.done(await hand.act('comfy', 'start'))
  await follower.sees('… the container runs again')
  await follower.sees('Uvicorn running')
  await follower.leave()
})

test('a flood is sampled on the Spark with a count, and commands pass meanwhile', async () => {
  const follower = await followed('comfy', '?lines=1')
  const line = 'a line of a flood that is somewhat longer than a word'
  // 200 MB in about two seconds.
  const script = 'n=0; while [ $n -lt 20 ]; do yes "$1" | head -c 10000000; n=$((n + 1)); sleep 0.05; done >> "$2"'
  const flood = Bun.spawn(['sh', '-c', script, 'flood', line, hand.logOf('comfyui')])
  const command = await spark.plane.runtime.hosts.get('spark-2')?.run(['echo', 'still here'])
  expect(command?.stdout).toBe('still here\n')
  await flood.exited
  // What is written in the same second may be left out, too.
  await until('the end of the flood', async () => {
    appendFileSync(hand.logOf('comfyui'), 'after the flood\n')
    await Bun.sleep(300)
    return follower.shown.includes('after the flood') ? true : null
  })
  expect(follower.shown.filter((each) => each === line).length).toBeLessThan(10_000)
  expect(follower.shown.some((each) => /^… [\d,]{7,} lines left out$/.test(each))).toBe(true)
  await follower.leave()
  writeFileSync(hand.logOf('comfyui'), '')
  await hand.done(await hand.act('comfy', 'restart'))
})

test('the log of a container that is not there yet is waited for', async () => {
  const follower = await followed('lost')
  await follower.sees('No such container')
  await follower.sees('… the container does not run')
  await spark.cluster.hosts[0]?.run('docker run -d --name not-there bot sh -c "echo here now; sleep 60"')
  await follower.sees('here now')
  await follower.leave()
})

test('a follower that leaves ends what ran for it on the Spark', async () => {
  const follower = await followed('comfy')
  await until('the follower there', () => (following().length > 0 ? true : null))
  await follower.leave()
  await until('the follower to be gone', () => (following().length === 0 ? true : null))
})

test('the fifth follower of one log and the sixth of one login are sent away, and the end of a log is told all the while', async () => {
  const four = await Promise.all(Array.from({ length: 4 }, () => followed('comfy')))
  const fifth = await ask('comfy')
  expect([fifth.status, fifth.headers.get('retry-after')]).toEqual([429, '30'])
  const other = await followed('embed')
  const sixth = await ask('embed')
  expect([sixth.status, (await sixth.json()).error.message]).toEqual([
    429,
    'spark-2: 5 logs are followed there as spark already; close one',
  ])
  expect((await lines(1)).status).toBe(200)
  await other.leave()
  await four[0]?.leave()
  const next = await until('a place', async () => {
    const answer = await ask('comfy')
    return answer.status === 200 ? answer : null
  })
  await next.body?.cancel()
  for (const each of four.slice(1)) await each.leave()
})

const following = () => spark.cluster.processes().filter(({ args }) => args.join(' ').includes('-f -- comfyui'))
const ask = (service: string, query = '', signal?: AbortSignal) =>
  fetch(`${spark.url}/api/services/${service}/logs${query}`, { signal, headers: { accept: 'text/event-stream' } })

async function followed(service: string, query = '') {
  const leave = new AbortController()
  const answer = await ask(service, query, leave.signal)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
  const shown: string[] = []
  const events = serverSent(answer)
  expect(await events.next()).toMatchObject({ value: { event: 'start' } })
  const reading = (async () => {
    for await (const { data } of events) shown.push(...data.split('\n'))
  })().catch(() => {})
  return {
    shown,
    sees: (wanted: string | RegExp) =>
      until(`"${wanted}" in the log`, () =>
        shown.some((line) => (typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line))) ? true : null,
      ),
    async leave() {
      leave.abort()
      await reading
    },
  }
}
