import { expect, test } from 'bun:test'
import type { Report } from './doctor'
import { sharedReport } from './shared-report'

const report = (ok: boolean, seenAt = new Date().toISOString()): Report => ({ ok, seen_at: seenAt, checks: [] })

test('callers during an examination share it', async () => {
  let times = 0
  const finish = Promise.withResolvers<Report>()
  const shared = sharedReport(() => {
    times++
    return finish.promise
  })
  const both = Promise.all([shared.get(), shared.get({ fresh: true })])
  finish.resolve(report(true))
  expect(await both).toEqual([report(true, shared.latest?.seen_at), report(true, shared.latest?.seen_at)])
  expect(times).toBe(1)
})

test('a report is kept while it is fresh, unless a fresh one is asked for', async () => {
  let times = 0
  const shared = sharedReport(async () => report(++times > 1))
  expect([(await shared.get()).ok, (await shared.get()).ok, (await shared.get({ fresh: true })).ok]).toEqual([
    false,
    false,
    true,
  ])
})

test('an old report is made anew', async () => {
  let times = 0
  const shared = sharedReport(async () => report(++times > 1, '2026-01-01T00:00:00Z'))
  await shared.get()
  expect((await shared.get()).ok).toBe(true)
})

test('an examination that fails is not kept', async () => {
  let times = 0
  const shared = sharedReport(async () => {
    if (times++ === 0) throw new Error('the cable fell out')
    return report(true)
  })
  await expect(shared.get()).rejects.toThrow('cable')
  expect((await shared.get()).ok).toBe(true)
})
