import { Database } from 'bun:sqlite'
import {
  copyFileSync,
  existsSync,
  linkSync,
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
  writeFileSync(`${file}.json`, JSON.stringify(mended), { mode: 0o600 })
  // What waits beside it belongs to the damaged file alone; beside another it would be written into that.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${file}-wal`)
  rmSync(`${path}-shm`, { force: true })
  if (!existsSync(part)) renameSync(path, file)
  else {
    keepAs(path, file)
    renameSync(part, path)
  }
  return mended
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

// Both names at once, so that a kill between leaves a file in its place whatever happens.
function keepAs(path: string, file: string) {
  try {
    linkSync(path, file)
  } catch {
    copyFileSync(path, file)
  }
}
