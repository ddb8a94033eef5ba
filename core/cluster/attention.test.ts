import { expect, test } from 'bun:test'
import type { JobView } from '../jobs/job'
import { attention } from './attention'
import type { HostView, ServiceView } from './snapshot'

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
