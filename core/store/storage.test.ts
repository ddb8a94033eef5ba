import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../clock'
import { hostKeys } from '../cluster/host-keys'
import { storage } from './storage'
import { openStore, type Store } from './store'

test('a full disk is told while it lasts, and its end is noticed without anybody writing', () => {
  const { store, disk, changes, pass } = watched()
  expect(write(store, disk)).toBe(true)
  expect(disk.attention()).toEqual([])
  limit(store, 0)
  expect(write(store, disk)).toBe(false)
  expect(disk.trouble()).toMatchObject({ code: 'full', since: 1000 })
  expect(disk.attention()[0]?.text).toBe(
    "this controller's disk is full: swaps and settings are refused until it takes them; 7 entries of the history are lost",
  )
  pass()
  pass()
  expect(disk.trouble()).toMatchObject({ code: 'full', since: 1000 })
  expect(hostKeys(store).pinned('spark-1')).toBe('kept')
  limit(store, 5000)
  pass()
  expect([disk.trouble(), disk.attention(), write(store, disk)]).toEqual([null, [], true])
  expect(changes).toEqual(['full', null])
})

test('a database that turned out damaged stays so until the next start', () => {
  const { store, disk, pass } = watched()
  expect(disk.failed(Object.assign(new Error('malformed'), { code: 'SQLITE_CORRUPT_INDEX' }))).toBe(true)
  pass()
  expect(disk.attention()).toMatchObject([
    { severity: 'critical', text: expect.stringMatching(/database is damaged; 7/) },
  ])
  expect(write(store, disk)).toBe(true)
})

test('a damaged database is told beside a disk that is full, and outlasts it', () => {
  const { store, disk, pass } = watched()
  disk.failed(Object.assign(new Error('malformed'), { code: 'SQLITE_CORRUPT' }))
  limit(store, 0)
  expect(write(store, disk)).toBe(false)
  pass()
  const texts = () => disk.attention().map(({ text }) => text)
  expect(texts()).toEqual([expect.stringMatching(/database is damaged/), expect.stringMatching(/disk is full/)])
  limit(store, 5000)
  pass()
  expect(texts()).toEqual([expect.stringMatching(/database is damaged/)])
})

test('what is not the disk’s fault is no trouble of it', () => {
  const { store, disk } = watched()
  try {
    store.run('INSERT INTO nowhere VALUES (1)')
  } catch (error) {
    expect(disk.failed(error)).toBe(false)
  }
  expect(disk.trouble()).toBeNull()
})

test('a damaged database is told with what was lost and what to do', () => {
  const mended = { file: 'db.damaged-1', at: 5000, from: 'backup', backupAt: 0, lost: ['events'] } as const
  const { store } = watched()
  const disk = storage({ store, mended: () => ({ ...mended, lost: ['events'] }) })
  expect(disk.attention()).toEqual([
    {
      severity: 'warning',
      subject: 'storage',
      text: 'the database was damaged: jobs, host keys and trust are as they were at 1970-01-01T00:00:00.000Z; of the past, events are lost',
      remedy:
        'look whether the model that runs is the one that is wanted, then delete db.damaged-1 in the data directory',
      since: '1970-01-01T00:00:05.000Z',
    },
  ])
})

function watched() {
  const store = openStore(mkdtempSync(join(tmpdir(), 'spark-store-')))
  hostKeys(store).pin('spark-1', 'kept')
  let due = () => {}
  const clock: Clock = {
    now: () => 1000,
    rising: () => 1000,
    after(_, act) {
      due = act
      return () => {}
    },
  }
  const changes: (string | null)[] = []
  const onChange = (trouble: { code: string } | null) => changes.push(trouble?.code ?? null)
  const disk = storage({ store, clock, dropped: () => 7, onChange })
  return { store, disk, changes, pass: () => due() }
}

/** Lets the file grow by so many pages and no more. */
function limit(store: Store, pages: number) {
  const { page_count: now } = store.query('PRAGMA page_count').get() as { page_count: number }
  store.run(`PRAGMA max_page_count = ${now + pages}`)
}

function write(store: Store, disk: ReturnType<typeof storage>): boolean {
  try {
    store.run("INSERT INTO recipe_files (folder, path, mark, text) VALUES ('a', random(), '', hex(randomblob(20000)))")
    return true
  } catch (error) {
    disk.failed(error)
    return false
  }
}
