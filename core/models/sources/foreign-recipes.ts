import type { LiveHost } from '../../cluster/hosts'
import type { Finding } from '../../config/cluster'
import { formatFinding } from '../../config/findings'
import type { Store } from '../../store/store'
import type { Recipe } from '../recipe'
import { type DeclaredNames, withFreeNames } from '../recipes/collision'
import { keptFiles } from './kept-files'
import type { FolderReading } from './reading'
import { placeOf, type Source } from './source'
import { sourceRecipes } from './source-recipes'
import { sourceWatch } from './source-watch'

/** Where foreign recipes come from, for the page. */
export interface SourceView {
  name: string
  folder: string
  host: string | null
  trusted: boolean
  recipes: number
  /** 40 hex digits; null outside of a git checkout. */
  commit: string | null
  problem: string | null
  /** Files that were left out, one printed line each. */
  notes: string[]
  /** RFC 3339; null while it was not read since the start. */
  seen_at: string | null
}

/** The recipes of everybody else. */
export interface ForeignRecipes {
  /** One list a source, in the order in which they count. */
  layers(): { source: Source; recipes: Recipe[] }[]
  notes(): Finding[]
  views(): SourceView[]
  /** Looks everywhere again, as far as hosts answer. */
  refresh(signal?: AbortSignal): Promise<void>
}

export interface ForeignRecipesOptions {
  sources: readonly Source[]
  hosts: Map<string, LiveHost>
  store: Store
  names: DeclaredNames
  signal: AbortSignal
  onChange(): void
}

interface Known {
  reading: FolderReading
  recipes: Recipe[]
  notes: Finding[]
  seenAt: string | null
}

/** Knows at once what was read before, and reads the folders as their hosts answer. */
export function foreignRecipes({
  sources,
  hosts,
  store,
  names,
  signal,
  onChange,
}: ForeignRecipesOptions): ForeignRecipes {
  const kept = keptFiles(store)
  kept.only(sources.map(placeOf))
  const all = new Map(sources.map((source) => [source.name, known(source, keptReading(source), null)]))

  const watching = sourceWatch({
    sources,
    hosts,
    signal,
    known: (source) => all.get(source.name)?.reading.files ?? [],
    read(source, reading) {
      const before = all.get(source.name)
      const seenAt = new Date().toISOString()
      if (before && same(before.reading, reading)) return all.set(source.name, { ...before, reading, seenAt })
      kept.put(placeOf(source), reading.files)
      all.set(source.name, known(source, reading, seenAt))
      onChange()
    },
  })

  function keptReading(source: Source): FolderReading {
    return { files: kept.of(placeOf(source)), skipped: [], commit: null, problem: null }
  }

  /** What has the name of something declared is left out: nobody here can rename its file. */
  function known(source: Source, reading: FolderReading, seenAt: string | null): Known {
    const read = sourceRecipes(source, reading)
    const { recipes, taken } = withFreeNames(read.recipes, names)
    return { reading, recipes, notes: [...read.notes, ...taken.map(asNote)], seenAt }
  }

  return {
    layers: () => sources.map((source) => ({ source, recipes: all.get(source.name)?.recipes ?? [] })),
    notes: () => [...all.values()].flatMap(({ notes }) => notes),
    views: () =>
      sources.map(({ name, folder, host, trusted, declared }) => {
        const found = all.get(name)
        return {
          name,
          folder,
          host,
          trusted,
          recipes: found?.recipes.length ?? 0,
          commit: found?.reading.commit ?? null,
          notes: (found?.notes ?? []).map(formatFinding),
          problem: (declared ? found?.reading.problem : null) ?? null,
          seen_at: found?.seenAt ?? null,
        }
      }),
    refresh: watching.refresh,
  }
}

const asNote = (finding: Finding): Finding => ({ ...finding, severity: 'note' })

function same(a: FolderReading, b: FolderReading): boolean {
  const short = ({ files, skipped, problem }: FolderReading) =>
    JSON.stringify([files.map(({ path, mark }) => [path, mark]), skipped, problem])
  return short(a) === short(b)
}
