import { expect, test } from 'bun:test'
import type { Cluster, Host, Service } from '../config/cluster'
import { hub } from '../events/hub'
import { linkAfter, linkUp } from './link'
import { type Change, observed } from './observed'
import type { Outcome } from './probe'
import type { HostFacts } from './snapshot'

const host = { id: 'a', title: 'a', address: '192.0.2.1', user: 'spark' } as Host
const service = { id: 'llm', kind: 'vllm', title: 'llm', hosts: [host], port: 8888, container: 'vllm_node' } as Service
const proc: Partial<HostFacts> = { memory_total_bytes: 100, memory_available_bytes: 40, boot_id: 'b1', oom_kills: 0 }
const answers: Outcome = { kind: 'answered', finding: { state: 'up' }, slowestMs: 3 }
const lost = (at: number) => linkAfter({ stage: 'established', code: 'x', message: 'x', at }, '192.0.2.1', 22, 'spark')

function seen() {
  let now = 1_800_000_000_000
  const changes: Change[] = []
  const notices: string[] = []
  const all = observed({
    cluster: { hosts: [host], services: [service] } as unknown as Cluster,
    hub: hub(),
    onChange: (change) => changes.push(change),
    onNotice: ({ text }) => notices.push(text),
    now: () => now,
    rising: () => now,
  })
  const up = () => {
    all.link(host, linkUp(now), '192.0.2.1')
    all.sample(host, proc)
    all.containers(host, [])
    all.probe(service, answers)
  }
  return { all, changes, notices, up, later: (ms: number) => (now += ms), now: () => now }
}

test('observed() calls a host up once its figures, its containers and its services were seen since the link came up', () => {
  const { all, now } = seen()
  all.link(host, linkUp(now()), '192.0.2.1')
  expect(all.host('a')?.state).toBe('unknown')
  all.sample(host, proc)
  all.containers(host, [])
  expect(all.host('a')?.state).toBe('unknown')
  all.probe(service, answers)
  expect(all.host('a')).toMatchObject({ state: 'up', cause: null })
})

test('observed() tells when an outage began and ended, not when that was noticed', () => {
  const { all, changes, up, later, now } = seen()
  up()
  later(10_000)
  all.link(host, lost(now() - 900), null)
  expect(changes.at(-1)).toMatchObject({ from: 'up', to: 'unreachable', at: now() - 900 })
  later(5000)
  all.link(host, linkUp(now() - 200), '192.0.2.1')
  const back = now() - 200
  later(300)
  all.sample(host, proc)
  all.containers(host, [])
  all.probe(service, answers)
  expect(changes.filter(({ subject }) => !('service' in subject)).at(-1)).toMatchObject({ to: 'up', at: back })
})

test('observed() says that a login runs no commands, and no longer shows figures that stopped coming', () => {
  const { all, up, now } = seen()
  all.link(host, linkUp(now()), '192.0.2.1')
  all.blind(host)
  expect(all.host('a')).toMatchObject({
    state: 'unresponsive',
    cause: 'the login of spark works, but runs no commands',
  })
  up()
  expect(all.host('a')).toMatchObject({ state: 'up', facts: { memory_available_bytes: 40 } })
  all.blind(host)
  expect(all.host('a')).toMatchObject({ state: 'up', cause: 'it no longer tells its figures' })
  expect(all.host('a')?.facts?.memory_available_bytes).toBeNull()
})

test('observed() does not call old figures fresh because the GPU or docker told something', () => {
  const { all, up, later } = seen()
  up()
  const at = all.host('a')?.facts?.seen_at
  later(60_000)
  all.sample(host, { gpu_power_w: 12 })
  all.containers(host, [])
  expect(all.host('a')?.facts?.seen_at).toBe(at ?? '')
})

test('observed() notices that a host was restarted, and that its kernel ended programs', () => {
  const { all, notices, up } = seen()
  up()
  all.sample(host, { ...proc, oom_kills: 2 })
  all.sample(host, { ...proc, boot_id: 'b2', oom_kills: 0 })
  expect(notices).toEqual([
    'its kernel ended 2 programs for want of memory',
    'it was restarted: its boot id is another',
  ])
})

test('observed() does not say docker is silent before it was asked', () => {
  const { all, changes, now } = seen()
  all.link(host, linkUp(now()), '192.0.2.1')
  all.sample(host, proc)
  all.probe(service, { kind: 'refused' })
  expect(all.service('llm')?.state).toBe('unknown')
  all.containers(host, [])
  expect(all.service('llm')).toMatchObject({ state: 'stopped', cause: 'container vllm_node does not exist' })
  expect(changes.map(({ to }) => to)).toEqual(['stopped', 'up'])
})
