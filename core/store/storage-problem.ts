/** Why the disk of this controller does not take or give what it should, in plain words. */
export interface StorageProblem {
  code: 'full' | 'failing' | 'read_only' | 'damaged' | 'busy'
  text: string
  remedy: string
}

const problems: Record<StorageProblem['code'], Omit<StorageProblem, 'code'>> = {
  full: {
    text: "this controller's disk is full",
    remedy: 'make room where its data directory lies; it goes on by itself',
  },
  failing: {
    text: "this controller's disk fails",
    remedy: 'look at its kernel log and its disk; copy the data directory elsewhere if it fails again',
  },
  read_only: {
    text: "this controller's data directory cannot be written",
    remedy: 'a disk that had faults is often mounted read-only: look at its kernel log, then mount it for writing',
  },
  damaged: {
    text: "this controller's database is damaged",
    remedy: 'restart Spark Control: it keeps the damaged file aside and goes on from its last backup',
  },
  busy: {
    text: "this controller's database is held by another program",
    remedy: 'end what else has the file open; a second controller needs a data directory of its own',
  },
}

/** By the beginning of a code of SQLite, or by a whole one of the file system. */
const codes: readonly [RegExp, StorageProblem['code']][] = [
  [/^(SQLITE_FULL|ENOSPC$|EDQUOT$)/, 'full'],
  [/^(SQLITE_READONLY|EROFS$)/, 'read_only'],
  [/^(SQLITE_CORRUPT|SQLITE_NOTADB)/, 'damaged'],
  [/^(SQLITE_IOERR|SQLITE_CANTOPEN|EIO$)/, 'failing'],
  [/^(SQLITE_BUSY|SQLITE_LOCKED)/, 'busy'],
]

/** What an error says of the disk below; null where it is none of the disk's. */
export function storageProblem(error: unknown): StorageProblem | null {
  const code = String((error as { code?: unknown } | null)?.code ?? '')
  const found = codes.find(([form]) => form.test(code))?.[1]
  return found ? { code: found, ...problems[found] } : null
}
