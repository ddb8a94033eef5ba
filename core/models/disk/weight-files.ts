import type { ModelFacts } from './raw-disk'

/** Which files hold a model's weights, and what says so. */
export interface WeightFiles {
  names: string[]
  /** Bytes of all tensors as indexes tell them; null where one is missing or does not tell. */
  totalBytes: number | null
  /** Indexes that are needed but are missing or cannot be read. */
  unread: string[]
}

const kinds = ['safetensors', 'gguf', 'bin', 'other'] as const
type Kind = (typeof kinds)[number]

/**
 * The weight files that a launch needs, whether or not they are there: what an index names, every shard of a numbered set, or
 * single files. Only the best kind that the disk holds counts, and files of the top before those of subfolders.
 */
export function weightFiles(facts: ModelFacts): WeightFiles {
  const here = scope([...facts.files.keys()])
  const listed = scope([...(facts.tree?.keys() ?? [])])
  const from = here.length > 0 ? here : listed
  const kind = kinds.find((each) => from.some((name) => kindOf(name) === each))
  const of = (names: string[]) => names.filter((name) => kindOf(name) === kind)
  const held = here.length > 0 ? of(here) : usual(of(listed))
  // The hub lists every set there is; one of which nothing is here was left out on purpose.
  const stems = new Set(held.map(stemOf))
  const names = [...new Set([...held, ...of(listed).filter((name) => stems.has(stemOf(name)))])]
  const sets = [...Map.groupBy(names, folderOf).values()].map((each) => folderSet(each, facts))
  const totals = sets.map(({ totalBytes }) => totalBytes)
  return {
    names: [...new Set(sets.flatMap((set) => set.names))],
    totalBytes:
      totals.length === 0 || totals.includes(null) ? null : totals.reduce<number>((sum, n) => sum + (n ?? 0), 0),
    unread: sets.flatMap(({ unread }) => unread),
  }
}

/** The kind of a weight file or of an index of such; null for any other file. */
export function kindOf(name: string): Kind | null {
  if (/\.safetensors(\.index\.json)?$/.test(name)) return 'safetensors'
  if (name.endsWith('.gguf')) return 'gguf'
  if (/\.bin(\.index\.json)?$/.test(name)) return 'bin'
  return /\.(pt|pth|ckpt|nemo|onnx)$/.test(name) ? 'other' : null
}

function scope(names: string[]): string[] {
  const weights = names.filter((name) => kindOf(name) !== null)
  const top = weights.filter((name) => folderOf(name) === '')
  return top.length > 0 ? top : weights
}

function usual(listed: string[]): string[] {
  const named = listed.filter((name) => /^(pytorch_)?model$/.test(stemOf(name)))
  return named.length > 0 ? named : listed
}

/** The index decides where there is one; of several, that of which most is here. */
function folderSet(names: string[], { files, indexes }: ModelFacts): WeightFiles {
  const present = (name: string) => indexes.get(name)?.files.filter((file) => files.has(file)).length ?? 0
  const [name] = names.filter(isIndex).toSorted((a, b) => present(b) - present(a))
  const index = name === undefined ? null : indexes.get(name)
  if (index) return { names: index.files, totalBytes: index.totalBytes, unread: [] }
  const sets = names.filter((each) => !isIndex(each)).flatMap(wholeSet)
  return { names: sets, totalBytes: null, unread: name === undefined ? [] : [name] }
}

const isIndex = (name: string) => name.endsWith('.index.json')
const folderOf = (name: string) => name.slice(0, name.lastIndexOf('/') + 1)
const numbered = /^(.*)-(\d{5})-of-(\d{5})(\.[a-z]+)$/

function stemOf(name: string): string {
  const plain = name.replace(/\.index\.json$/, '')
  const [, stem] = numbered.exec(plain) ?? []
  return stem ?? plain.replace(/\.[a-z]+$/, '')
}

const mostShards = 4096

/** The name, and every shard that a numbered one says there is. */
function wholeSet(name: string): string[] {
  const [, stem, , count = '', end] = numbered.exec(name) ?? []
  const shards = Number(count)
  if (stem === undefined || shards === 0 || shards > mostShards) return [name]
  const numbers = Array.from({ length: shards }, (_, n) => String(n + 1).padStart(5, '0'))
  return [name, ...numbers.map((number) => `${stem}-${number}-of-${count}${end}`)]
}
