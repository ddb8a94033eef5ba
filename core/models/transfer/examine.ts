import type { LiveHost } from '../../cluster/hosts'
import type { Disk, FoundModel } from '../disk/found-model'
import type { Expected } from './expected'
import { type Measured, measure, sizeFaults } from './measured'

/** The look at one model on one host's disk. */
export type Look = (live: LiveHost, options: { repo?: string; signal?: AbortSignal }) => Promise<Disk>

/** How a model stands on one host, by its files alone. */
export interface Examined {
  disk: Disk
  /** Null where nothing of it is there. */
  model: FoundModel | null
  /** All that a launch needs is there, and as long as the hub says. */
  whole: boolean
  /** Files that are there and are not as long as they should be. */
  damaged: string[]
  /** Why it is not whole, worst first. */
  problems: string[]
  /** The login's own hub directory; null where the host names none. */
  hub: string | null
  measured: Measured | null
}

export interface ExamineOptions {
  repo: string
  /** Null: main. */
  revision: string | null
  expected: Expected | null
  look: Look
  signal?: AbortSignal
}

/** Looks at a model's files on a host. @throws {Error} when the host can't tell */
export async function examine(live: LiveHost, options: ExamineOptions): Promise<Examined> {
  const { repo, look, signal } = options
  const disk = await look(live, { repo, signal })
  const model = disk.models.find((each) => each.repo === repo) ?? null
  const hub = disk.caches.find(({ own }) => own)?.path ?? null
  if (model?.layout !== 'hub') {
    const whole = model?.state === 'ready' && options.revision === null
    return { disk, model, whole, damaged: [], problems: model?.problems ?? [], hub, measured: null }
  }
  const commit = wantedCommit(model, options)
  const measured = await measure(live, model.cache, repo, { commit, signal })
  return { disk, model, hub, measured, ...judged(model, measured, options) }
}

function wantedCommit(model: FoundModel, { revision, expected }: ExamineOptions): string | null {
  if (revision === null) return model.commit
  return model.revisions.find((each) => each === expected?.commit || each === revision) ?? null
}

/** Pure: what a look and the sizes together say. */
export function judged(
  model: FoundModel,
  { files }: Measured,
  options: Pick<ExamineOptions, 'revision' | 'expected'>,
): Pick<Examined, 'whole' | 'damaged' | 'problems'> {
  const { expected, revision } = options
  const commit = wantedCommit(model, options as ExamineOptions)
  // What lies there may be another revision than the hub has by now: then only its own files speak.
  const told = expected !== null && commit !== null && (expected.commit === null || expected.commit === commit)
  const { wrong, missing } = told ? sizeFaults(files, expected) : { wrong: [], missing: [] }
  const main = commit !== null && commit === model.commit
  const ready = main ? model.state === 'ready' : told && revision !== null
  const damaged = [...new Set([...(main ? model.damaged.filter((name) => files.has(name)) : []), ...wrong])]
  const absent = missing.slice(0, 5).map((name) => `${name}: is missing`)
  const problems = [...damaged.map((name) => `${name}: is not as long as it should be`), ...model.problems, ...absent]
  const whole = commit !== null && ready && wrong.length === 0 && missing.length === 0
  return { whole, damaged, problems: whole ? [] : problems.length > 0 ? problems : ['files are missing'] }
}

/** Its blobs as what is expected elsewhere. */
export function blobsOf({ measured }: Pick<Examined, 'measured'>): Pick<Expected, 'files'> {
  return { files: [...(measured?.blobs ?? [])].map(([blob, bytes]) => ({ path: blob, bytes, blob })) }
}
