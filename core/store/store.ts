import { Database } from 'bun:sqlite'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { migrations } from './migrations'

export type Store = Database

/**
 * Opens the one SQLite file of the data directory and brings it to the newest schema.
 * @throws {Error} when the file was written by a newer program: nothing is changed then.
 */
export function openStore(directory: string): Store {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'spark-control.sqlite')
  const store = new Database(path, { create: true, strict: true })
  chmodSync(path, 0o600)
  store.run('PRAGMA journal_mode = WAL')
  // A job, a lock or a webhook that was answered for must survive a power cut.
  store.run('PRAGMA synchronous = FULL')
  store.run('PRAGMA busy_timeout = 2000')
  store.run('PRAGMA foreign_keys = ON')
  store.run('PRAGMA trusted_schema = OFF')
  migrate(store)
  return store
}

/** Runs the steps that this file has not seen, all in one transaction. */
export function migrate(store: Store, steps: readonly string[] = migrations): void {
  const { user_version: version } = store.query('PRAGMA user_version').get() as { user_version: number }
  if (version > steps.length) {
    throw new Error(
      `data: was written by a newer Spark Control (schema ${version}, this one knows ${steps.length}); install the newer version or use another data directory`,
    )
  }
  store.transaction(() => {
    for (const step of steps.slice(version)) store.run(step)
    store.run(`PRAGMA user_version = ${steps.length}`)
  })()
}
