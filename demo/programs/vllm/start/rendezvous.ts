import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { alive } from '../../../machine/processes'

/** How far a rank has come. */
export type Stage = 'waiting' | 'joined' | 'loaded' | 'ready'

const ORDER: Stage[] = ['waiting', 'joined', 'loaded', 'ready']

interface Rank {
  pid: number
  /** Process of the head this rank belongs to; an orphan of an earlier launch names another one. */
  head: number | null
  stage: Stage
  /** Requests that the head works on; every rank works with it. */
  requests: number
}

/** The meeting of the ranks of one multi-node launch. */
export interface Rendezvous {
  /** Ranks that take part by now, this one included. */
  present(): number
  /** Tells the others how far this rank is. */
  reach(stage: Stage): void
  /** True once every rank has come as far. */
  allAt(stage: Stage): boolean
  /** Tells the other ranks how many requests the head works on. */
  share(requests: number): void
  /** What the head told last; 0 once it is gone. */
  shared(): number
  /** A rank that took part and whose process is gone, or null. */
  lost(): number | null
}

/** Meets the other ranks through files below `directory`, one a rank; `master` is the head's address and port. */
export function meet(directory: string, master: string, rank: number, ranks: number): Rendezvous {
  const folder = join(directory, 'rendezvous', master.replaceAll(':', '-'))
  // By rank, the process that was met: a later launch may put another one in the same file.
  const members = new Map([[rank, process.pid]])
  let stage: Stage = 'waiting'
  let requests = 0
  mkdirSync(folder, { recursive: true })
  write()

  function write() {
    const file = join(folder, String(rank))
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ pid: process.pid, head: members.get(0) ?? null, stage, requests } satisfies Rank),
    )
    renameSync(`${file}.new`, file)
  }

  function read(which: number): Rank | null {
    try {
      return JSON.parse(readFileSync(join(folder, String(which)), 'utf8'))
    } catch {
      return null
    }
  }

  function present() {
    const head = read(0)
    if (!members.has(0) && head && alive(head.pid)) {
      members.set(0, head.pid)
      write()
    }
    for (const name of readdirSync(folder)) {
      const other = /^\d+$/.test(name) ? read(Number(name)) : null
      if (other && other.head === members.get(0) && alive(other.pid)) members.set(Number(name), other.pid)
    }
    return members.size
  }

  function reach(next: Stage) {
    stage = next
    write()
  }

  function allAt(wanted: Stage) {
    return (
      members.size === ranks && [...members.keys()].every((one) => ORDER.indexOf(stageOf(one)) >= ORDER.indexOf(wanted))
    )
  }

  function stageOf(member: number): Stage {
    if (member === rank) return stage
    const other = read(member)
    return other && other.pid === members.get(member) ? other.stage : 'waiting'
  }

  function share(now: number) {
    requests = now
    write()
  }

  function shared() {
    const head = read(0)
    return head && head.pid === members.get(0) && alive(head.pid) ? head.requests : 0
  }

  function lost() {
    for (const [member, pid] of members) if (!alive(pid)) return member
    return null
  }

  return { present, reach, allAt, share, shared, lost }
}
