import type { ModelCache } from './found-model'

/** Bytes of a file, links followed; null is a link whose target is not there. */
export type FileBytes = number | null

/** Where a safetensors file ends by its own header; the header may be no header, or may not be read by the login. */
export type HeaderEnd = number | 'bad' | 'closed'

/** An index beside shards: the files it names, and the bytes of all tensors where it tells them. */
export interface ShardIndex {
  files: string[]
  totalBytes: number | null
}

/** What one model's files say, as far as it changes with them. */
export interface ModelFacts {
  commit: string | null
  /** The snapshot or plain folder that is loaded; null while there is none. */
  path: string | null
  /** In no order. */
  revisions: string[]
  /** Relative to `path`. */
  files: Map<string, FileBytes>
  headers: Map<string, HeaderEnd>
  /** By name of the index; null: it cannot be read. */
  indexes: Map<string, ShardIndex | null>
  /** Bytes by file as the hub lists them; null where no client noted that. */
  tree: Map<string, number> | null
  config: Record<string, unknown> | null
  quantConfig: Record<string, unknown> | null
  /** A configuration that is there but is no JSON object. */
  broken: string[]
  /** Files that are links which a container could not follow. */
  outside: string[]
  /** Where the model's folder, or one in it, leads, where that is itself such a link. */
  leadsTo: string | null
  /** What could not be looked at, in words. */
  trouble: string[]
  /** What was left out though it is there, in words. */
  notes: string[]
}

/** A file that a download or copy writes, or has left. */
export interface Part {
  name: string
  bytes: number
  /** Seconds since it last grew, by the Spark's clock. */
  age: number
  /** What it was to become is there already. */
  dead: boolean
}

export interface RawModel {
  /** `models--org--name` in a hub, `acme/tune` in a plain folder. */
  name: string
  path: string
  /** Changes with any file of it; null while that can't be told. */
  fingerprint: string | null
  parts: Part[]
  /** Null: as it was when it last had this fingerprint. */
  facts: ModelFacts | null
}

export interface RawCache extends ModelCache {
  models: RawModel[]
}

/** All that the program of a look printed. */
export interface RawDisk {
  caches: RawCache[]
  leftovers: string[]
  availableBytes: number | null
  totalBytes: number | null
}

/** Reads what the program printed; null where it did not come to its end. */
export function readDisk(text: string): RawDisk | null {
  const disk: RawDisk = { caches: [], leftovers: [], availableBytes: null, totalBytes: null }
  let model: RawModel | null = null
  let index: ShardIndex | null = null
  let ended = false
  for (const line of text.split('\n')) {
    const [mark, ...fields] = line.split('\t').map(unescaped)
    const [a = '', b = '', c = '', d = ''] = fields
    if (mark === 'c') disk.caches.push(readCache(fields))
    else if (mark === 'm') {
      model = newModel({ name: a, path: b, fingerprint: c === '-' ? null : c, known: d === '1' })
      disk.caches.at(-1)?.models.push(model)
    } else if (mark === 'p') model?.parts.push({ name: a, bytes: Number(b), age: Number(c), dead: d === '1' })
    else if (mark === 'i') {
      index = b === '1' ? { files: [], totalBytes: positive(c) } : null
      model?.facts?.indexes.set(a, index)
    } else if (mark === 'w') index?.files.push(inFolder(index, model?.facts ?? null, a))
    else if (mark === 'l') disk.leftovers.push(a)
    else if (mark === 'd') Object.assign(disk, { totalBytes: Number(a) * 1024, availableBytes: Number(b) * 1024 })
    else if (mark === 'e') ended = true
    else if (model?.facts) detail(model.facts, mark ?? '', a, b, c)
  }
  return ended ? disk : null
}

function readCache([path = '', kind, own, mounted, real = path, problem]: string[]): RawCache {
  const layout = kind === 'folder' ? 'folder' : 'hub'
  return { path, layout, own: own === '1', mounted: mounted === '1', real, problem: problem || null, models: [] }
}

function detail(facts: ModelFacts, mark: string, a: string, b: string, c: string) {
  if (mark === 'r') {
    facts.commit = a || null
    facts.path = b || null
  } else if (mark === 's') facts.revisions.push(a)
  else if (mark === 'x') facts.trouble.push(a)
  else if (mark === 'n') facts.notes.push(a)
  else if (mark === 'f') facts.files.set(a, b === '' ? null : Number(b))
  else if (mark === 'h') facts.headers.set(a, c === 'bad' || c === 'closed' ? c : Number(b))
  else if (mark === 'o') {
    if (a === '') facts.leadsTo = b
    else facts.outside.push(a)
  } else if (mark === 't') facts.tree = readTree(a)
  else if (mark === 'j') {
    const config = object(b)
    if (config === null) facts.broken.push(a)
    else if (a === 'config.json') facts.config = config
    else facts.quantConfig = config
  }
}

function newModel(model: Omit<RawModel, 'parts' | 'facts'> & { known: boolean }): RawModel {
  const { known, ...told } = model
  return { ...told, parts: [], facts: known ? null : noFacts() }
}

/** The facts of a model of which nothing is there. */
export function noFacts(): ModelFacts {
  return {
    commit: null,
    path: null,
    revisions: [],
    files: new Map(),
    headers: new Map(),
    indexes: new Map(),
    tree: null,
    config: null,
    quantConfig: null,
    broken: [],
    outside: [],
    leadsTo: null,
    trouble: [],
    notes: [],
  }
}

// An index of a subfolder names its files without it.
function inFolder(index: ShardIndex, facts: ModelFacts | null, file: string): string {
  const name = [...(facts?.indexes ?? [])].find(([, each]) => each === index)?.[0] ?? ''
  return name.slice(0, name.lastIndexOf('/') + 1) + file
}

function readTree(text: string): ModelFacts['tree'] {
  const files = object(text)?.files
  if (typeof files !== 'object' || files === null) return null
  const rows = Object.entries(files as Record<string, unknown>).flatMap(([path, entry]) => {
    const { size, lfs_size: large } = (entry ?? {}) as { size?: unknown; lfs_size?: unknown }
    const bytes = large ?? size
    return typeof bytes === 'number' ? [[path, bytes] as const] : []
  })
  return new Map(rows)
}

function object(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function positive(text: string): number | null {
  const value = Number(text)
  return text !== '' && value > 0 && Number.isFinite(value) ? value : null
}

/** Bytes that are no UTF-8 become U+FFFD. */
function unescaped(field: string): string {
  if (!field.includes('%')) return field
  const out = Buffer.allocUnsafe(field.length)
  let length = 0
  for (let at = 0; at < field.length; at++) {
    const code = field.charCodeAt(at)
    if (code === 0x25) {
      out[length++] = Number.parseInt(field.slice(at + 1, at + 3), 16)
      at += 2
    } else out[length++] = code
  }
  return out.toString('utf8', 0, length)
}
