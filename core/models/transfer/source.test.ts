import { expect, test } from 'bun:test'
import type { LiveHost } from '../../cluster/hosts'
import { type Link, neverTried } from '../../cluster/link'
import { sampleHost } from '../../config/declared.sample'
import { sampleDisk, sampleFound } from '../disk/disk.sample'
import type { Examined } from './examine'
import { localHost } from './local-host.sample'
import { findSource, noSource } from './source'

const context = { signal: new AbortController().signal, report() {} }
const found = (whole: boolean): Examined => {
  const model = whole ? sampleFound() : null
  return { disk: sampleDisk('any', []), model, whole, damaged: [], problems: [], hub: null, measured: null }
}

/** Hosts by how their links stand, which may be told anew at each look. */
function hosts(states: Record<string, () => Link['state']>): LiveHost[] {
  return Object.entries(states).map(([id, state]) => ({
    ...localHost('/'),
    host: sampleHost(id),
    get link() {
      return { ...neverTried, state: state() }
    },
  }))
}

test('findSource() gives a host that was not tried yet a moment, before another is chosen', async () => {
  let looks = 0
  const late = () => (looks++ < 3 ? 'unknown' : 'up')
  const all = hosts({ late, ready: () => 'up' })
  const source = await findSource(all, async () => found(true), { waitS: 0, context })
  expect(source?.live.host.id).toBe('late')
})

test('findSource() waits only as long as it is told to, and for nobody whose key is refused', async () => {
  const look = async () => found(false)
  const gone = hosts({ empty: () => 'up', gone: () => 'unreachable' })
  expect(await findSource(gone, look, { waitS: 0, context })).toBeNull()
  expect(await findSource(hosts({ shut: () => 'refused' }), look, { waitS: 600, context })).toBeNull()
})

test('findSource() passes over a host that can not tell its disk', async () => {
  const all = hosts({ broken: () => 'up', whole: () => 'up' })
  const look = async ({ host }: LiveHost) => {
    if (host.id === 'broken') throw new Error('broken: did not tell what lies on its disk')
    return found(true)
  }
  expect((await findSource(all, look, { waitS: 600, context }))?.live.host.id).toBe('whole')
})

test('noSource() tells who could not be asked', () => {
  const named = (states: Parameters<typeof hosts>[0]) => new Map(hosts(states).map((live) => [live.host.id, live]))
  expect(noSource('org/model', named({ a: () => 'up', b: () => 'unreachable' })).message).toContain('could not ask b')
  expect(noSource('org/model', named({ a: () => 'up' })).message).toContain('any more')
})
