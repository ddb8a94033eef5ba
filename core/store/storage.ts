import { type Clock, systemClock } from '../clock'
import type { AttentionView } from '../cluster/snapshot'
import type { Mended } from './mend'
import { type StorageProblem, storageProblem } from './storage-problem'
import { type Store, suspect } from './store'

export interface StorageTrouble extends StorageProblem {
  /** ms since the epoch. */
  since: number
}

export interface Storage {
  /** Told of every write that failed; whether the disk is why. */
  failed(error: unknown): boolean
  /** What the disk refuses now, or null; it is tried again until it takes something. */
  trouble(): StorageTrouble | null
  /** What a person should know of it. */
  attention(): AttentionView[]
  close(): void
}

export interface StorageOptions {
  store: Store
  clock?: Clock
  /** A database that was found damaged, while that still has to be told. */
  mended?: () => Mended | null
  /** How much of the history was dropped since the trouble began. */
  dropped?: () => number
  /** Told of a beginning, and at the end of a refusal of what is left: null, or the damage. */
  onChange?: (trouble: StorageTrouble | null) => void
}

const againMs = 2000
// As much as a swap writes at once; a disk that has room for a page only is still full.
const probeBytes = 65_536

/** Knows whether the disk takes what is recorded; a trouble ends by itself once the database can be written again. */
export function storage(options: StorageOptions): Storage {
  const { store, clock = systemClock, mended = () => null, dropped = () => 0, onChange = () => {} } = options
  let refusal: StorageTrouble | null = null
  // A damaged file takes writes too, and stays damaged until the next start.
  let damage: StorageTrouble | null = null
  let callOff = () => {}
  let closed = false

  function failed(error: unknown): boolean {
    const problem = storageProblem(error)
    if (!problem || closed) return problem !== null
    if (problem.code === 'damaged') damaged(problem)
    else refused(problem)
    return true
  }

  function damaged(problem: StorageProblem) {
    haveLooked()
    if (damage) return
    damage = { ...problem, since: clock.now() }
    onChange(damage)
  }

  function refused(problem: StorageProblem) {
    const began = refusal === null
    refusal = { ...problem, since: refusal?.since ?? clock.now() }
    if (!began) return
    callOff = clock.after(againMs, tryAgain)
    onChange(refusal)
  }

  function haveLooked() {
    try {
      suspect(store)
    } catch {
      // The disk that damaged it takes nothing either.
    }
  }

  function tryAgain() {
    const problem = problemNow()
    if (problem?.code === 'damaged') damaged(problem)
    else if (refusal && problem) {
      refusal = { ...problem, since: refusal.since }
      callOff = clock.after(againMs, tryAgain)
      return
    }
    refusal = null
    onChange(damage)
  }

  function problemNow(): StorageProblem | null {
    try {
      probe(store)
      return null
    } catch (error) {
      return storageProblem(error)
    }
  }

  return {
    failed,
    trouble: () => refusal ?? damage,
    attention() {
      const found = mended()
      const troubles = [damage, refusal].filter((each) => each !== null)
      return [...troubles.map((each) => ofTrouble(each, dropped())), ...(found ? [ofMended(found)] : [])]
    },
    close() {
      closed = true
      callOff()
    },
  }
}

// Two transactions: what is taken back in the same one is never written.
function probe(store: Store) {
  store.run(`INSERT OR REPLACE INTO storage_probe (id, filler) VALUES (1, randomblob(${probeBytes}))`)
  store.run('DELETE FROM storage_probe')
}

function ofTrouble({ code, text, remedy, since }: StorageTrouble, dropped: number): AttentionView {
  const meanwhile = code === 'damaged' ? '' : ': swaps and settings are refused until it takes them'
  const lost = dropped === 0 ? '' : `; ${dropped} entries of the history are lost`
  return {
    severity: 'critical',
    subject: 'storage',
    text: `${text}${meanwhile}${lost}`,
    remedy,
    since: new Date(since).toISOString(),
  }
}

function ofMended({ file, at, from, backupAt, lost }: Mended): AttentionView {
  const source = {
    itself: 'jobs, host keys and trust could be read from it',
    backup: `jobs, host keys and trust are as they were at ${backupAt === null ? 'an unknown time' : new Date(backupAt).toISOString()}`,
    nothing: 'jobs, host keys and trust are lost',
  }[from]
  const past = lost.length === 0 ? '' : `; of the past, ${lost.join(' and ')} are lost`
  const check = from === 'nothing' ? 'compare the key of each host before you trust it, ' : ''
  return {
    severity: 'warning',
    subject: 'storage',
    text: `the database was damaged: ${source}${past}`,
    remedy: `${check}look whether the model that runs is the one that is wanted, then delete ${file} in the data directory`,
    since: new Date(at).toISOString(),
  }
}
