import type { Database } from 'bun:sqlite'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backupsOf } from './backup'
import { connect } from './connect'
import { damagedGroups, forbidsWriting, isDamage } from './damage'
import { isBeingMended, type Mended, mend, takeBack } from './mend'
import { migrate, refuseNewer } from './migrate'
import { versionOf } from './tables'

export { migrate } from './migrate'
export type Store = Database

// A program of a later age is no thousand steps ahead.
const absurdVersion = 10_000
const firstPage = 4096

/**
 * Opens the one SQLite file of the data directory and brings it to the newest schema.
 * @param told where it is given, a damaged file is kept aside and what can be had of it or of its backup takes its place; it hears so
 * @throws {Error} when the file was written by a newer program, and nothing is changed then; when the disk has no room for it
 */
export function openStore(directory: string, told?: (mended: Mended) => void): Store {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'spark-control.sqlite')
  if (told) takeBack(path)
  const store = isBeingMended(path) || isEmptied(path) ? null : whole(path)
  if (store) return trusted(store)
  // Another program may have it open: only the one that runs the control plane puts a file in its place.
  if (!told) throw new Error('data: its database is damaged; start Spark Control, which goes on from a backup')
  told(mend(path))
  const mended = connect(path)
  migrate(mended)
  return trusted(mended)
}

/** Has the whole file looked at when it is opened next. */
export function suspect(store: Store) {
  writeFileSync(suspicion(store.filename), '', { mode: 0o600 })
}

/** The opened file at its newest schema; null when it is damaged. */
function whole(path: string): Store | null {
  let store: Store | null = null
  try {
    store = connect(path)
    if (isSound(store)) {
      migrate(store)
      return store
    }
  } catch (error) {
    if (!isDamage(error)) {
      store?.close()
      throw error
    }
  }
  store?.close()
  return null
}

function isSound(store: Store): boolean {
  const path = store.filename
  const version = versionOf(store)
  if (version < 0 || version > absurdVersion) return false
  refuseNewer(version)
  return !forbidsWriting(path) && damagedGroups(store, existsSync(suspicion(path))).length === 0
}

function trusted(store: Store): Store {
  rmSync(suspicion(store.filename), { force: true })
  return store
}

const suspicion = (path: string) => `${path}.suspect`

// SQLite takes a file that lost its bytes for a new one.
function isEmptied(path: string): boolean {
  return (
    existsSync(path) && statSync(path).size < firstPage && !existsSync(`${path}-wal`) && existsSync(backupsOf(path)[0])
  )
}
