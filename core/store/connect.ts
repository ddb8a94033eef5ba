import { Database } from 'bun:sqlite'
import { chmodSync } from 'node:fs'

/** Opens a file for this program alone to write, made where there is none; what was answered for survives a power cut. */
export function connect(path: string): Database {
  try {
    return connected(path, 'NORMAL')
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_IOERR_SHM')) throw error
    // A full disk has no room for the file that connections share: without it only this one may open the database.
    return connected(path, 'EXCLUSIVE')
  }
}

function connected(path: string, locking: 'NORMAL' | 'EXCLUSIVE'): Database {
  const store = new Database(path, { create: true, strict: true })
  try {
    chmodSync(path, 0o600)
    store.run('PRAGMA busy_timeout = 2000')
    store.run(`PRAGMA locking_mode = ${locking}`)
    store.run('PRAGMA journal_mode = WAL')
    // A job, a lock or a webhook that was answered for must survive a power cut.
    store.run('PRAGMA synchronous = FULL')
    store.run('PRAGMA foreign_keys = ON')
    store.run('PRAGMA trusted_schema = OFF')
    return store
  } catch (error) {
    store.close()
    throw error
  }
}
