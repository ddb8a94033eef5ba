import { gib } from '../../cluster/gib'
import type { FoundModel } from '../disk/found-model'

export interface RoomQuestion {
  /** The host's name for a person. */
  host: string
  /** Bytes still to come. */
  bytes: number
  /** Null where the host did not tell: then nothing is refused. */
  availableBytes: number | null
  /** What lies there. */
  models: FoundModel[]
  /** Repos that must stay. */
  kept: ReadonlySet<string>
}

const margin = 0.05
// A Spark with no room left at all can't even write its logs.
const floorBytes = 2 * 2 ** 30

/** Bytes that must be free for so many to come. */
export function neededBytes(bytes: number): number {
  return Math.ceil(bytes * (1 + margin)) + floorBytes
}

/** Why so much does not fit on a host's disk, with what would free enough; null where it fits. Pure. */
export function roomProblem(question: RoomQuestion): { message: string; remedy: string } | null {
  const { host, bytes, availableBytes } = question
  const needs = neededBytes(bytes)
  if (availableBytes === null || availableBytes >= needs) return null
  return {
    message: `needs ${gib(needs)} on ${host}, ${gib(availableBytes)} are free: ${gib(needs - availableBytes)} too much`,
    remedy: remedy(question, needs - availableBytes),
  }
}

function remedy({ host, models, kept }: RoomQuestion, short: number): string {
  const free = models
    .filter(({ repo, layout }) => layout === 'hub' && !kept.has(repo))
    .sort((a, b) => b.bytes - a.bytes)
  const chosen: FoundModel[] = []
  for (const model of free) {
    if (sum(chosen) >= short) break
    chosen.push(model)
  }
  const names = chosen.map(({ repo, bytes }) => `${repo} (${gib(bytes)})`).join(', ')
  if (names === '') return `free ${gib(short)} on ${host}; no model there is without use`
  return sum(chosen) >= short ? `delete there: ${names}` : `delete there: ${names}; more is needed than all of these`
}

const sum = (models: FoundModel[]) => models.reduce((total, { bytes }) => total + bytes, 0)
