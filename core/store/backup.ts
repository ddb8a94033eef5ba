import { Database } from 'bun:sqlite'
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { copyTables } from './copy-tables'
import { migrate } from './migrate'
import { migrations } from './migrations'
import { groups, tablesOf, versionOf } from './tables'

/** Where the copies of a database lie, the newest first. */
export function backupsOf(path: string): [string, string] {
  return [`${path}.backup`, `${path}.backup-before`]
}

/**
 * Copies what decides anything (jobs, pins, trust, not the recorded past) into a file of its own, whole or not at all, and keeps the one
 * before. The whole would take as long as the past is: this program stands still meanwhile.
 * @throws when the disk takes no copy; the two that are there stay as they are
 */
export function backUp(store: Database, path = store.filename) {
  const [newest, before] = backupsOf(path)
  const part = `${path}.backup-part`
  try {
    copyOf(store, part)
    if (existsSync(newest)) renameSync(newest, before)
    renameSync(part, newest)
    synced(dirname(path))
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** Makes a file of the same schema with these groups of tables in it; `state` alone where none are named. */
export function copyOf(store: Database, path: string, names: readonly string[] = ['state']) {
  const version = versionOf(store)
  rmSync(path, { force: true })
  const made = new Database(path, { create: true, strict: true })
  try {
    chmodSync(path, 0o600)
    migrate(made, migrations.slice(0, version))
  } finally {
    made.close()
  }
  const wanted = groups(tablesOf(version).keys()).filter(({ name }) => names.includes(name))
  copyTables(
    store,
    path,
    wanted.flatMap(({ tables }) => tables),
  )
}

function synced(folder: string) {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } catch {
    // Some file systems have nothing of the kind for folders.
  } finally {
    closeSync(handle)
  }
}
