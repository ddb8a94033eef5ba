import { expect, setDefaultTimeout, test } from 'bun:test'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { hostKeys } from '../cluster/host-keys'
import { history } from '../history/history'
import { journal } from '../jobs/journal'
import { newJob } from '../jobs/progress'
import { backUp } from './backup'
import { lastMended, type Mended, mend } from './mend'
import { openStore, suspect } from './store'

setDefaultTimeout(60_000)

const pages = 4096
const start = Date.parse('2026-01-01T00:00:00Z')

test('a database whose header is gone is kept aside, and the last backup takes its place', () => {
  const data = filled({ backup: true })
  damage(data, (bytes) => bytes.fill(0x5a, 0, 64))
  const before = readFileSync(file(data))
  const mended: Mended[] = []
  const store = openStore(data, (each) => mended.push(each))
  expect(mended).toMatchObject([{ from: 'backup', lost: ['events', 'figures'] }])
  expect([journal(store).list().length, hostKeys(store).pinned('spark-1')]).toEqual([30, 'SHA256:pinned'])
  store.close()
  const aside = join(data, mended[0]?.file ?? '')
  expect(readFileSync(aside).equals(before)).toBe(true)
  expect(statSync(file(data)).mode & 0o777).toBe(0o600)
  expect(lastMended(data)).toEqual(mended[0] ?? null)
  rmSync(aside)
  expect(lastMended(data)).toBeNull()
})

test('what only the recorded past lost costs no job that is newer than the backup', () => {
  const data = filled({ backup: true })
  const store = openStore(data)
  journal(store).add({ view: job(99), request: {} })
  const page = rootOf(store, 'minutes')
  store.close()
  damage(data, (bytes) => bytes.fill(0xff, (page - 1) * pages, page * pages))
  const mended: Mended[] = []
  const after = openStore(data, (each) => mended.push(each))
  expect(mended).toMatchObject([{ from: 'itself', backupAt: null, lost: ['figures'] }])
  expect(journal(after).get(job(99).id)?.id).toBe(job(99).id)
  expect(history(after).events({ limit: 500 }).events).toHaveLength(200)
})

test('without a backup it begins anew rather than not at all', () => {
  const data = filled({ backup: false })
  damage(data, (bytes) => bytes.fill(0, 0, pages))
  const mended: Mended[] = []
  const store = openStore(data, (each) => mended.push(each))
  expect(mended).toMatchObject([{ from: 'nothing' }])
  expect(journal(store).list()).toEqual([])
})

test('a second backup that is good is used where the newest is damaged too', () => {
  const data = filled({ backup: true })
  const store = openStore(data)
  backUp(store)
  store.close()
  for (const name of ['', '.backup']) writeFileSync(`${file(data)}${name}`, 'no database at all'.repeat(500))
  const mended: Mended[] = []
  openStore(data, (each) => mended.push(each)).close()
  expect(mended).toMatchObject([{ from: 'backup' }])
})

test('only three damaged files are kept', () => {
  const data = filled({ backup: true })
  for (let n = 0; n < 5; n++) {
    damage(data, (bytes) => bytes.fill(0, 0, 16))
    openStore(data, () => {}).close()
    Bun.sleepSync(2)
  }
  const kept = readdirSync(data).filter((name) => /damaged-.*Z$/.test(name))
  expect(kept).toHaveLength(3)
})

test('a mend that ended right after it had put the log aside costs nothing that was committed', () => {
  const data = filled({ backup: false })
  const open = openStore(data)
  journal(open).add({ view: job(99), request: {} })
  const aside = `${file(data)}.damaged-${new Date(start).toISOString().replace(/[:.]/g, '-')}`
  mkdirSync(join(aside, 'in its way'), { recursive: true })
  expect(() => mend(file(data), start)).toThrow()
  expect([existsSync(`${aside}-wal`), existsSync(`${file(data)}-wal`), existsSync(file(data))]).toEqual([
    true,
    false,
    true,
  ])
  rmSync(aside, { recursive: true })
  const again = join(mkdtempSync(join(tmpdir(), 'spark-store-')), 'data')
  cpSync(data, again, { recursive: true })
  open.close()
  expect(() => openStore(again)).toThrow('its database is damaged; start Spark Control')
  using store = openStore(again, () => {})
  expect(journal(store).get(job(99).id)?.id).toBe(job(99).id)
  expect(readdirSync(again).filter((name) => name.includes('damaged'))).toEqual([])
})

test.each([
  ['before the whole file had its place', (path: string, aside: string) => renameSync(path, aside)],
  ['after it had', (path: string, aside: string) => cpSync(path, aside)],
])('a mend that ended %s leaves the database with all that was in it', (_, cut) => {
  const data = filled({ backup: false })
  const aside = `${file(data)}.damaged-then`
  cpSync(file(data), `${file(data)}.mended-part`)
  cut(file(data), aside)
  writeFileSync(`${aside}.mending`, '{}')
  using store = openStore(data, () => {})
  expect(journal(store).list({ limit: 200 })).toHaveLength(30)
  expect(existsSync(`${aside}.mending`)).toBe(false)
})

test('a program that only looks puts nothing in the place of a damaged database', () => {
  const data = filled({ backup: true })
  damage(data, (bytes) => bytes.fill(0, 0, 16))
  const before = readFileSync(file(data))
  expect(() => openStore(data)).toThrow('its database is damaged; start Spark Control')
  expect(readFileSync(file(data)).equals(before)).toBe(true)
})

test('openStore() finds whatever bytes were changed once a read has failed, and everything can be read and written then', () => {
  const data = filled({ backup: true })
  const opened = openStore(data)
  suspect(opened)
  opened.close()
  const bytes = readFileSync(file(data))
  const place = fc.integer({ min: 0, max: bytes.length - 1 })
  const change = fc.oneof(
    fc.record({ at: fc.integer({ min: 0, max: 99 }), with: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
    fc.record({ at: place, with: fc.uint8Array({ minLength: 1, maxLength: 200 }) }),
    fc.record({ at: place.map((at) => at - (at % pages)), with: fc.uint8Array({ minLength: 8, maxLength: 16 }) }),
  )
  const cut = fc.option(place, { freq: 8 })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), cut, (changes, length) => {
      // The version stands in the header alone: nothing tells a changed one from that of a newer program.
      fc.pre(changes.every(({ at, with: some }) => at + some.length <= 60 || at >= 64))
      const copy = `${data}-copy`
      rmSync(copy, { recursive: true, force: true })
      cpSync(data, copy, { recursive: true })
      const damaged = Buffer.from(bytes)
      for (const { at, with: some } of changes) damaged.set(some.slice(0, damaged.length - at), at)
      writeFileSync(file(copy), damaged.subarray(0, length ?? damaged.length))
      using store = openStore(copy, () => {})
      expect(hostKeys(store).pinned('spark-1')).not.toBeNull()
      expect(journal(store).list({ limit: 200 })).toHaveLength(30)
      journal(store).add({ view: job(1000), request: {} })
      const past = history(store)
      past.note({ type: 'notice', text: 'again' })
      past.events({ limit: 500 })
      past.close()
    }),
    { numRuns: 60 },
  )
})

function filled({ backup }: { backup: boolean }): string {
  const data = mkdtempSync(join(tmpdir(), 'spark-store-'))
  const store = openStore(data)
  for (let n = 0; n < 30; n++) journal(store).add({ view: job(n), request: { words: 'x'.repeat(500) } })
  hostKeys(store).pin('spark-1', 'SHA256:pinned')
  const past = history(store)
  for (let n = 0; n < 200; n++) past.note({ type: 'notice', text: `noticed ${n}`, at: start + n })
  for (let n = 0; n < 200; n++) past.sample('host:spark-1', { power_w: n }, start + n * 60_000)
  past.close()
  if (backup) backUp(store)
  store.close()
  expect(existsSync(`${file(data)}-wal`)).toBe(false)
  return data
}

const file = (data: string) => join(data, 'spark-control.sqlite')

function job(n: number) {
  const given = { id: `service-${n}`, kind: 'service' as const, action: 'start', title: 'Start it', service: 'llm' }
  return newJob({ ...given, phases: [] }, new Date(start + n).toISOString())
}

function damage(data: string, change: (bytes: Buffer) => void) {
  const bytes = readFileSync(file(data))
  change(bytes)
  writeFileSync(file(data), bytes)
}

function rootOf(store: ReturnType<typeof openStore>, table: string): number {
  const row = store.query('SELECT rootpage FROM sqlite_master WHERE name = $table').get({ table })
  return (row as { rootpage: number }).rootpage
}
