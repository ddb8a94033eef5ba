import { Database } from 'bun:sqlite'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { backupsOf, copyOf } from './backup'
import { copyTables } from './copy-tables'
import { damagedGroups } from './damage'
import { groups, type TableGroup, tablesOf, versionOf } from './tables'

/** What became of a damaged database. */
export interface Mended {
  /** Name of the damaged file in the data directory; the same with `.json` holds this. */
  file: string
  /** ms since the epoch. */
  at: number
  /** Where jobs, pins and trust come from. */
  from: 'itself' | 'backup' | 'nothing'
  /** When that backup was made, ms since the epoch. */
  backupAt: number | null
  /** What of the recorded past could not be read. */
  lost: ('events' | 'figures')[]
}

const mostKept = 3
const toldMs = 30 * 24 * 3600_000
const begun = '.mending'
const damagedNote = /\.sqlite\.damaged-[^.]+\.json$/

type GroupName = TableGroup['name']

/**
 * Puts a whole file in the place of a damaged one that nobody has open: what can be read of it, else the newest good backup, else nothing.
 * The damaged one is kept aside.
 */
export function mend(path: string, now = Date.now()): Mended {
  const part = `${path}.mended-part`
  rmSync(part, { force: true })
  const found = replacement(path, part)
  const file = `${path}.damaged-${new Date(now).toISOString().replace(/[:.]/g, '-')}`
  const lost = (['events', 'figures'] as const).filter((name) => !found.carried.includes(name))
  const mended: Mended = { file: basename(file), at: now, from: found.from, backupAt: found.backupAt, lost }
  forgetOldest(path)
  // From here to its last name a kill may fall between any two lines: takeBack() tells by what lies there.
  writeFileSync(`${file}${begun}`, JSON.stringify(mended), { mode: 0o600 })
  // What waits beside it belongs to the damaged file alone; beside another it would be written into that.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${file}-wal`)
  rmSync(`${path}-shm`, { force: true })
  renameSync(path, file)
  if (existsSync(part)) renameSync(part, path)
  renameSync(`${file}${begun}`, `${file}.json`)
  return mended
}

/** Whether a mend of this file has begun and not come to its end. */
export function isBeingMended(path: string): boolean {
  return begunOf(path).length > 0
}

/** Takes back a mend that was killed on its way, so that the damaged file lies there with all that waits beside it; nobody may have it open. */
export function takeBack(path: string) {
  for (const file of begunOf(path)) {
    const isThere = existsSync(file)
    if (isThere && existsSync(path)) {
      renameSync(`${file}${begun}`, `${file}.json`)
      continue
    }
    if (isThere) renameSync(file, path)
    if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${path}-wal`)
    rmSync(`${file}${begun}`)
  }
}

function begunOf(path: string): string[] {
  const folder = dirname(path)
  const notes = readdirSync(folder).filter(
    (name) => name.startsWith(`${basename(path)}.damaged-`) && name.endsWith(begun),
  )
  return notes.map((name) => join(folder, name.slice(0, -begun.length)))
}

/** What was mended last in a data directory, for a month or until its damaged file is deleted. */
export function lastMended(directory: string, now = Date.now()): Mended | null {
  const notes = readdirSync(directory).filter((name) => damagedNote.test(name))
  const newest = notes.sort().at(-1)
  if (!newest || !existsSync(join(directory, newest.slice(0, -'.json'.length)))) return null
  try {
    const mended = JSON.parse(readFileSync(join(directory, newest), 'utf8')) as Mended
    return now - mended.at < toldMs ? mended : null
  } catch {
    return null
  }
}

/** Makes the file that is to take the place; none where there is nothing to put into it. */
function replacement(path: string, part: string) {
  using damaged = reading(path)
  const whole = damaged ? wholeGroups(damaged) : []
  const backup = whole.includes('state') ? null : goodBackup(path)
  if (backup) copyFileSync(backup, part)
  const carried = damaged ? carry(damaged, part, whole, backup !== null) : []
  const from: Mended['from'] = backup ? 'backup' : carried.includes('state') ? 'itself' : 'nothing'
  return { from, carried, backupAt: backup ? Math.round(statSync(backup).mtimeMs) : null }
}

// A disk that fails damages one file after another, and each is as big as the past that it held.
function forgetOldest(path: string) {
  const folder = dirname(path)
  const notes = readdirSync(folder).filter((name) => damagedNote.test(name))
  for (const note of notes
    .sort()
    .reverse()
    .slice(mostKept - 1)) {
    const file = join(folder, note.slice(0, -'.json'.length))
    for (const name of [file, `${file}-wal`, `${file}.json`]) rmSync(name, { force: true })
  }
}

/** Null where nothing can be read, or nothing was ever written. */
function reading(path: string): Database | null {
  try {
    const store = new Database(path, { strict: true, readwrite: true })
    if (versionOf(store) > 0) return store
    store.close()
  } catch {
    // Not even its first page can be read.
  }
  return null
}

function wholeGroups(store: Database): GroupName[] {
  try {
    const damaged = damagedGroups(store, true)
    const all = groups(tablesOf(versionOf(store)).keys()).map(({ name }) => name)
    return all.filter((name) => !damaged.includes(name))
  } catch {
    return []
  }
}

function versionIn(path: string): number | null {
  using store = reading(path)
  return store && versionOf(store)
}

function goodBackup(path: string): string | null {
  const good = (backup: string) => {
    if (!existsSync(backup)) return false
    using store = reading(backup)
    return store !== null && wholeGroups(store).includes('state')
  }
  return backupsOf(path).find(good) ?? null
}

/** The groups that were carried over; what breaks off on the way leaves what was there before. */
function carry(damaged: Database, part: string, names: GroupName[], intoBackup: boolean): GroupName[] {
  try {
    if (names.length === 0) return []
    if (!intoBackup) {
      copyOf(damaged, part, names)
      return names
    }
    if (versionIn(part) !== versionOf(damaged)) return []
    const past = groups(tablesOf(versionOf(damaged)).keys()).filter(
      ({ name }) => name !== 'state' && names.includes(name),
    )
    copyTables(
      damaged,
      part,
      past.flatMap(({ tables }) => tables),
    )
    return past.map(({ name }) => name)
  } catch {
    if (!intoBackup) rmSync(part, { force: true })
    return []
  }
}
