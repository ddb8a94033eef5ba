import type { LiveHost } from '../../cluster/hosts'
import { diskCommand } from './disk-program'
import type { Disk, FoundModel } from './found-model'
import { judge } from './judge'
import { type ModelFacts, type RawCache, type RawModel, readDisk } from './raw-disk'

export interface LookOptions {
  /** What was seen last: of a model that has not changed since nothing is read again. */
  before?: Disk | null
  /** Folders besides the login's own cache. */
  folders?: readonly string[]
  /** Looks for that model alone. */
  repo?: string
  signal?: AbortSignal
}

const limitMs = 60_000
const mostBytes = 64 * 1024 * 1024

/** What the files of the models on a disk said, by fingerprint. */
const remembered = new WeakMap<Disk, Map<string, ModelFacts>>()

/** Looks at every place on a host where models lie, in one round trip. @throws {Error} where the host can't tell */
export async function look(live: LiveHost, options: LookOptions = {}): Promise<Disk> {
  const { before = null, folders = live.host.models, repo, signal } = options
  const known = (before && remembered.get(before)) ?? new Map<string, ModelFacts>()
  const { code, stdout, stderr } = await live.run(diskCommand(folders, repo), {
    input: [...known.keys()].join('\n'),
    timeoutMs: limitMs,
    maxBytes: mostBytes,
    ...(signal ? { signal } : {}),
  })
  const raw = readDisk(stdout)
  if (raw === null) {
    const said =
      code === 127 ? 'there is no perl; install perl-base there' : `${stderr.trim().split('\n').at(-1)}; try again`
    throw new Error(`${live.host.id}: did not tell what lies on its disk: ${said}`)
  }
  const facts = new Map<string, ModelFacts>()
  const models = raw.caches.flatMap((cache) =>
    cache.models.flatMap((model) => {
      const found = model.facts ?? known.get(model.fingerprint ?? '')
      if (found && model.fingerprint !== null) facts.set(model.fingerprint, found)
      return found ? judged(cache, model, found) : []
    }),
  )
  const disk: Disk = {
    host: live.host.id,
    seenAt: new Date().toISOString(),
    caches: raw.caches.map(({ models: _, ...cache }) => cache),
    models: oncePerRepo(models, raw.caches),
    availableBytes: raw.availableBytes,
    totalBytes: raw.totalBytes,
    leftovers: raw.leftovers,
  }
  remembered.set(disk, facts)
  return disk
}

function judged({ path: cache, layout }: RawCache, { name, path, parts }: RawModel, facts: ModelFacts): FoundModel[] {
  const repo = layout === 'hub' ? repoOf(name) : name
  // A path that is no UTF-8 could not be named again.
  return repo === null || path.includes('\uFFFD') ? [] : [judge({ repo, cache, layout, facts, parts })]
}

/** `models--org--name`; a name may itself hold `--`, an org can't. */
export function repoOf(folder: string): string | null {
  const [, org, ...name] = folder.split('--')
  return org && name.length > 0 ? `${org}/${name.join('--')}` : null
}

/** A model that lies in two places is launched from where it is whole and can be mounted, and from what is mounted anyway before others. */
function oncePerRepo(models: FoundModel[], caches: RawCache[]): FoundModel[] {
  const byPath = new Map(caches.map((cache) => [cache.path, cache]))
  const rank = ({ state, outside, cache }: FoundModel) => {
    const { mounted, own } = byPath.get(cache) ?? { mounted: false, own: false }
    return Number(state !== 'ready') * 8 + Number(outside !== null) * 4 + Number(!mounted) * 2 + Number(!own)
  }
  return [...Map.groupBy(models, ({ repo }) => repo).values()].flatMap((each) =>
    each.toSorted((a, b) => rank(a) - rank(b)).slice(0, 1),
  )
}
