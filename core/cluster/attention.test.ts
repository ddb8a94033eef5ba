import { expect, test } from 'bun:test'
import type { JobView } from '../jobs/job'
import { attention } from './attention'
import type { HostFacts, HostView, ServiceView } from './snapshot'

const host = { id: 'a', title: 'a', state: 'up', cause: null, remedy: null, facts: null } as HostView
const service = { id: 'llm', title: 'llm', state: 'up', cause: null, remedy: null, disabled: false } as ServiceView
const swap = (state: JobView['state']) =>
  ({ id: 's', service: 'llm', recipe: 'x', state, error: { code: 'c', message: 'why', remedy: 'what' } }) as JobView
const told = (services: ServiceView[], last: JobView | null = null, hosts = [host]) =>
  attention(hosts, services, last).map(({ severity, text }) => `${severity} ${text}`)

test('attention() is empty while all is well, and of what is only unknown or stopped', () => {
  expect(told([service], swap('done'))).toEqual([])
  expect(
    told(
      [
        { ...service, state: 'stopped' },
        { ...service, state: 'unknown' },
      ],
      swap('cancelled'),
    ),
  ).toEqual([])
})

test('attention() tells a failed swap while nothing runs, and no longer once something does', () => {
  expect(told([{ ...service, state: 'stopped' }], swap('failed'))).toEqual(['warning the swap to x failed: why'])
  expect(told([service], swap('failed'))).toEqual([])
})

test('attention() tells the worst first', () => {
  const lost: HostView = { ...host, state: 'unreachable', cause: 'no answer' }
  const down: ServiceView = { ...service, id: 'e', title: 'e', state: 'down', cause: 'engine died' }
  expect(told([{ ...service, state: 'stopped' }, down], swap('failed'), [lost])).toEqual([
    'critical a: no answer',
    'critical e: engine died',
    'warning the swap to x failed: why',
  ])
  expect(told([service], swap('needs_attention'))).toEqual(['critical the swap to x ended halfway: why'])
})

const facts = {
  seen_at: '2026-01-01T01:00:00Z',
  memory_total_bytes: 120 * 2 ** 30,
  memory_available_bytes: 112 * 2 ** 30,
  gpu_processes: [],
  containers: [],
  kernel_trouble: [],
  clock_skew_s: 0.2,
} as unknown as HostFacts
const seen = (more: Partial<HostFacts>, services: ServiceView[] = []) =>
  told(services, null, [{ ...host, facts: { ...facts, ...more } }])

test('attention() tells what the figures of a host mean', () => {
  expect(seen({})).toEqual([])
  expect(seen({ disk_total_bytes: 1000, disk_available_bytes: 40 })).toEqual([
    'warning a: only 4 % of the disk is free',
  ])
  expect(seen({ gpu_throttled: true, gpu_temperature_c: 91 })).toEqual([
    'warning a: the GPU slows itself down at 91 °C',
  ])
  expect(seen({ clock_skew_s: -40 })).toEqual(["warning a: its clock is 40 s behind this controller's"])
  expect(seen({ memory_pressure_percent: 41.2 })).toEqual(['warning a: programs wait for memory 41 % of the time'])
  expect(seen({ kernel_trouble: ['NVRM: Xid (PCI:000f:01:00): 79, GPU has fallen'] })).toEqual([
    'warning a: its GPU had a fault (Xid 79)',
  ])
  const old = { kernel_trouble: ['[  812.100000] Out of memory: Killed process 1'], uptime_s: 200_000 }
  expect(seen(old)).toEqual([])
  expect(seen({ ...old, uptime_s: 1000 })).toEqual(['warning a: its kernel ended a program for want of memory'])
  const containers = [{ name: 'tts', state: 'running', health: 'unhealthy' }] as HostFacts['containers']
  expect(seen({ containers })).toEqual(['warning a: the health check of tts fails'])
})

test('attention() calls memory leaked only where nothing runs, and not right after it was freed', () => {
  const leaked = { memory_available_bytes: 60 * 2 ** 30 }
  const stopped = (since: string) => ({ ...service, hosts: ['a'], state: 'stopped', since }) as ServiceView
  expect(seen(leaked, [stopped('2026-01-01T00:50:00Z')])).toEqual([
    'warning a: 60.0 GiB of memory are in use though nothing runs',
  ])
  expect(seen(leaked, [stopped('2026-01-01T00:59:30Z')])).toEqual([])
  expect(seen(leaked, [{ ...stopped('2026-01-01T00:50:00Z'), state: 'up' }])).toEqual([])
})

test('attention() tells what changes its state all the time once, as unsteady', () => {
  const flapping = (subject: string) =>
    subject === 'service:llm' ? { changes: 9, since: '2026-01-01T00:00:00Z' } : null
  expect(attention([host], [service], null, flapping).map(({ text }) => text)).toEqual([
    'llm: changed its state 9 times in 10 minutes',
  ])
})
