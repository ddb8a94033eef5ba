import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from './migrate'
import { openStore } from './store'

const directory = () => mkdtempSync(join(tmpdir(), 'spark-store-'))

test('openStore() makes a private file with every table, and opens it again', () => {
  const data = directory()
  openStore(data).close()
  const store = openStore(data)
  const tables = store.query("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  expect(tables.length).toBeGreaterThanOrEqual(4)
  expect(statSync(join(data, 'spark-control.sqlite')).mode & 0o777).toBe(0o600)
  expect(store.query('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
})

test('migrate() runs only the steps that are new, and none when one fails', () => {
  const store = new Database(':memory:', { strict: true })
  migrate(store, ['CREATE TABLE a (x)'])
  expect(() => migrate(store, ['never run', 'CREATE TABLE b (x)', 'nonsense'])).toThrow()
  expect(store.query("SELECT name FROM sqlite_master WHERE name = 'b'").get()).toBeNull()
  migrate(store, ['never run', 'CREATE TABLE b (x)'])
  expect(store.query('PRAGMA user_version').get()).toEqual({ user_version: 2 })
})

test('openStore() refuses a file of a newer program', () => {
  const data = directory()
  const store = openStore(data)
  store.run('PRAGMA user_version = 999')
  store.close()
  expect(() => openStore(data)).toThrow('newer Spark Control')
})
