import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { loadConfig } from '../core/config/load'
import { loadKinds } from '../handlers/kinds'
import { type TestCluster, testCluster, until } from './cluster'
import { type CountingProxy, countingProxy } from './counting-proxy'

interface HostAnswer {
  state: string
  cause: string | null
  remedy: string | null
}

const nowhere = 'no-such-name.invalid'
let spark: TestCluster

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster()
  await spark.settled()
})
afterAll(() => spark.stop())
afterEach(async () => {
  await spark.cluster.faults.clear()
  await spark.settled()
})

test('a Spark that refuses the key is refused with the line to paste, is left alone, and works after the line and a click', async () => {
  const proxies: CountingProxy[] = []
  const own = await testCluster({
    hosts: 1,
    async config(text, { hosts: [host] }) {
      const proxy = await countingProxy(host?.address ?? '', host?.sshPort ?? 0)
      proxies.push(proxy)
      return text.replace(/^ssh: .*$/m, '').replace(`ssh_port: ${host?.sshPort}`, `ssh_port: ${proxy.port}`)
    },
  })
  try {
    await own.host('spark-1', 'refused')
    const { cause, remedy } = (await (await own.ask('GET', '/api/hosts/spark-1')).json()) as HostAnswer
    expect(cause).toContain('refused the key')
    expect(remedy).toContain('authorized_keys')
    const { line, public_key: key } = await (await own.ask('GET', '/api/hosts/spark-1/ssh-key')).json()
    expect(line).toContain(key)
    const tried = proxies[0]?.count
    await Bun.sleep(3000)
    expect(proxies[0]?.count).toBe(tried)
    await own.cluster.hosts[0]?.run(line)
    expect((await own.ask('POST', '/api/hosts/spark-1/connect')).status).toBe(200)
    await own.host('spark-1', 'up')
  } finally {
    await own.stop()
    for (const proxy of proxies) proxy.stop()
  }
})

test('a Spark with another host key is refused with both fingerprints until a person accepts the new one', async () => {
  await spark.cluster.faults.host('spark-1', 'host-key-changed', 60)
  await spark.host('spark-1', 'refused')
  const { cause } = await host('spark-1')
  const [pinned, shown] = cause?.match(/SHA256:[A-Za-z0-9+/]{43}/g) ?? []
  expect(pinned).not.toBe(shown)
  const wrong = await spark.ask('POST', '/api/hosts/spark-1/host-key', { fingerprint: pinned })
  expect([wrong.status, (await wrong.json()).error.code]).toEqual([409, 'fingerprint_differs'])
  expect((await host('spark-1')).state).toBe('refused')
  const right = await spark.ask('POST', '/api/hosts/spark-1/host-key', { fingerprint: shown })
  expect(right.status).toBe(200)
  await spark.host('spark-1', 'up')
  await spark.cluster.faults.clear()
  await spark.host('spark-1', 'refused')
  await spark.ask('POST', '/api/hosts/spark-1/host-key', { fingerprint: pinned })
  await spark.host('spark-1', 'up')
})

test('a cut link is seen within 3 s, its services are unknown and never stopped, and all is well after', async () => {
  await spark.service('embed', 'up')
  await spark.cluster.faults.host('spark-2', 'link-down', 60)
  const seen = new Set<string>()
  await until('spark-2 to be unreachable', () => watched('spark-2', 'unreachable', seen), 3000)
  await until('its services to be unknown', () => watched('spark-2', 'unreachable', seen, 'unknown'))
  expect([...seen].filter((state) => state === 'stopped' || state === 'down')).toEqual([])
  const { cause, remedy } = await host('spark-2')
  expect(cause).not.toBeNull()
  expect(remedy).not.toBeNull()
  expect((await host('spark-1')).state).toBe('up')
  await spark.cluster.faults.clear()
  await spark.host('spark-2', 'up')
  await spark.service('embed', 'up')
  await spark.service('comfy', 'up')
})

test('a Spark whose SSH is frozen is unresponsive, not gone, and comes back', async () => {
  await spark.cluster.faults.host('spark-1', 'ssh-frozen', 60)
  await spark.host('spark-1', 'unresponsive')
  expect((await host('spark-1')).cause).toContain('SSH does not answer')
  await spark.cluster.faults.clear()
  await spark.host('spark-1', 'up')
})

test('more commands at once than the Spark has places for all get their answer', async () => {
  const runs = Array.from({ length: 24 }, (_, n) =>
    live('spark-1').run(['sh', '-c', 'sleep 0.1; echo "$1"', 'sh', `${n}`]),
  )
  const answers = await Promise.all(runs)
  expect(answers.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 24 }, (_, n) => String(n)))
  expect((await host('spark-1')).state).toBe('up')
})

test('aborting a command ends it on the Spark', async () => {
  const aborting = new AbortController()
  const run = live('spark-1')
    .run(['sh', '-c', 'sleep 86399; echo never'], { signal: aborting.signal })
    .catch((error: Error) => error)
  await until('it to run', () => (sleeping() ? true : null))
  aborting.abort(new Error('no longer wanted'))
  expect(await run).toMatchObject({ message: 'no longer wanted' })
  await until('it to end', () => (sleeping() ? null : true))
  expect((await live('spark-1').run(['echo', 'still here'])).stdout).toBe('still here\n')
})

test('a name that ends in .local is refused by check', async () => {
  const text = 'hosts: { spark-1: { address: spark-1.local, user: spark } }'
  const { cluster, findings } = loadConfig({ text, file: 'x.yaml', kinds: await loadKinds(), recipes: [] })
  expect(cluster).toBeNull()
  expect(findings[0]).toMatchObject({ path: 'hosts.spark-1.address', problem: '"spark-1.local" ends in .local' })
})

test('a name without an IPv4 address is told within 2.5 s, and nothing else waits for it', async () => {
  const own = await testCluster({
    hosts: 1,
    config: (text) => text.replace('services:', `  elsewhere: { address: ${nowhere}, user: spark }\nservices:`),
  })
  try {
    await until(
      'the reason',
      async () => {
        const { state, cause } = (await (await own.ask('GET', '/api/hosts/elsewhere')).json()) as HostAnswer
        return state === 'unreachable' && cause?.includes(`${nowhere}: has no IPv4 address`) ? true : null
      },
      2500,
    )
    await own.host('spark-1', 'up')
    for (const path of ['/health', '/api/cluster', '/api/attention', '/', '/metrics'])
      expect([path, (await own.ask('GET', path)).status]).toEqual([path, 200])
    expect((await own.ask('POST', '/api/hosts/elsewhere/connect')).status).toBe(200)
  } finally {
    await own.stop()
  }
})

async function host(id: string): Promise<HostAnswer> {
  return (await (await spark.ask('GET', `/api/hosts/${id}`)).json()) as HostAnswer
}

function live(id: string) {
  const found = spark.plane.runtime.hosts.get(id)
  if (!found) throw new Error(`${id}: is not declared; use a host of the cluster`)
  return found
}

function sleeping(): boolean {
  return spark.cluster.processes().some(({ args }) => args.join(' ') === 'sleep 86399')
}

/** One look: every state that a service of the host has is noted; true once host and services are as wanted. */
async function watched(id: string, state: string, seen: Set<string>, services?: string): Promise<true | null> {
  const view = await (await spark.ask('GET', '/api/cluster')).json()
  const theirs = (view.services as { host: string; state: string }[]).filter((each) => each.host === id)
  for (const each of theirs) seen.add(each.state)
  const hostFits = (view.hosts as { id: string; state: string }[]).find((each) => each.id === id)?.state === state
  return hostFits && (services === undefined || theirs.every((each) => each.state === services)) ? true : null
}
