import { companions } from './companions'
import type { FoundModel } from './found-model'
import type { ModelFacts, Part } from './raw-disk'
import { kindOf, weightFiles } from './weight-files'

/** What a judgement is made from: what the files say, and what is being written. */
export interface Evidence {
  repo: string
  cache: string
  layout: 'hub' | 'folder'
  facts: ModelFacts
  parts: Part[]
}

// A download writes all the time; one that stood still for so long was broken off.
const growingS = 120
const mostProblems = 10
// Tensors alone against files with headers, and totals that a requantised repo forgot to correct.
const totalTolerance = 0.02

/** Decides whether a model is whole: pure, and never `ready` while a file that a launch needs is missing, short or a broken link. */
export function judge({ repo, cache, layout, facts, parts }: Evidence): FoundModel {
  const weights = weightFiles(facts)
  const flaws = weights.names.flatMap((name) => flawOf(name, facts, true))
  const kind = kindOf(weights.names[0] ?? '')
  const beside = companions(facts, kind)
  const small = beside.needed.flatMap((name) => flawOf(name, facts, false))
  const unread = weights.unread.map((name) =>
    facts.files.has(name) ? `${name}: cannot be read` : `${name}: is missing`,
  )
  const faults = [...flaws, ...beside.faults, ...small, ...unread, ...nothing(weights.names, facts), ...facts.trouble]
  const outside = outsideOf(layout, [...weights.names, ...beside.needed], facts)
  const whole = faults.length === 0
  const open = parts.filter(({ dead }) => !dead)
  const growing = open.some(({ age }) => age < growingS)
  const weightBytes = sumOf(weights.names, facts)
  const bytes = sumOf([...facts.files.keys()], facts)
  const ready = whole && !growing
  return {
    repo,
    layout: layout === 'folder' && kind === 'gguf' ? 'gguf' : layout,
    gguf: kind === 'gguf',
    cache,
    path: facts.path,
    commit: facts.commit,
    revisions: facts.revisions.toSorted((a, b) => Number(b === facts.commit) - Number(a === facts.commit)),
    bytes: bytes + partBytes(open),
    weightBytes,
    expectedBytes: ready ? bytes : expected(facts, weights.totalBytes, weightBytes, bytes),
    state: growing ? 'downloading' : whole ? 'ready' : 'partial',
    problems: shortened([
      ...faults,
      ...(outside === null ? [] : [outside]),
      ...notes(facts, weights, whole ? weightBytes : null),
      ...(whole ? beside.notes : []),
      ...left(parts, growing),
    ]),
    outside,
    damaged: weights.names.filter((name) => flawOf(name, facts, true).length > 0),
    config: facts.config,
    quantConfig: facts.quantConfig,
  }
}

function flawOf(name: string, { files, headers, tree }: ModelFacts, exact: boolean): string[] {
  const bytes = files.get(name)
  if (bytes === undefined) return [`${name}: is missing`]
  if (bytes === null) return [`${name}: broken link: the bytes were not copied`]
  // An `__init__.py` may be.
  if (bytes === 0 && (exact || !name.endsWith('.py'))) return [`${name}: is empty`]
  const header = headers.get(name)
  if (header === 'bad') return [`${name}: does not begin as a safetensors file does`]
  const wanted = tree?.get(name) ?? (typeof header === 'number' ? header : bytes)
  if (bytes < wanted) return [`${name}: is ${amount(wanted - bytes)} short`]
  // Small files are edited by hand in place, which only makes a longer one no less usable.
  if (exact && bytes > wanted) return [`${name}: is ${amount(bytes - wanted)} too long`]
  return typeof header === 'number' && header !== bytes ? [`${name}: does not fit its own header`] : []
}

/** Links that lead out of what is mounted: they are there for who looks, and lead nowhere inside a container. */
function outsideOf(layout: Evidence['layout'], names: string[], { leadsTo, outside }: ModelFacts): string | null {
  if (leadsTo !== null)
    return `its files are in ${leadsTo}, behind a link that no container can follow; move them to where the link is`
  const link = names.find((name) => outside.includes(name))
  const place = layout === 'hub' ? 'the cache' : 'its folder'
  return link === undefined
    ? null
    : `${link}: is a link out of ${place}, which no container can follow; put the file itself there`
}

function nothing(weights: string[], { path, commit, files, broken }: ModelFacts): string[] {
  if (path === null && commit !== null) return [`revision ${commit.slice(0, 8)}, which refs/main names, has no files`]
  if (weights.length === 0 || !weights.some((name) => files.has(name))) return ['no weights are there']
  return broken.map((name) => `${name}: is no JSON object`)
}

/** What a person should know of although it does not keep the model from loading. */
function notes(
  { headers, notes: told }: ModelFacts,
  { names, totalBytes }: { names: string[]; totalBytes: number | null },
  bytes: number | null,
): string[] {
  const closed = names.filter((name) => headers.get(name) === 'closed')
  const unread = [
    ...told,
    ...(closed.length > 0 ? [`${closed[0]}: may not be read by this login, so it was not looked into`] : []),
  ]
  const gap = totalBytes === null || bytes === null ? 0 : Math.abs(bytes - totalBytes) / totalBytes
  if (gap <= totalTolerance) return unread
  return [...unread, `the index tells ${amount(totalBytes ?? 0)} of weights, the files hold ${amount(bytes ?? 0)}`]
}

function left(parts: Part[], growing: boolean): string[] {
  if (growing || parts.length === 0) return []
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  return [
    `${parts.length} .incomplete ${parts.length === 1 ? 'file' : 'files'} of a broken-off download (${amount(bytes)})`,
  ]
}

// Newer clients begin each try with a file of its own.
function partBytes(parts: Part[]): number {
  const largest = new Map<string, number>()
  for (const { name, bytes } of parts) largest.set(name, Math.max(bytes, largest.get(name) ?? 0))
  return [...largest.values()].reduce((sum, bytes) => sum + bytes, 0)
}

function expected({ tree }: ModelFacts, total: number | null, weights: number, bytes: number): number | null {
  if (tree) return [...tree.values()].reduce((sum, each) => sum + each, 0)
  return total === null ? null : total + bytes - weights
}

function sumOf(names: string[], { files }: ModelFacts): number {
  return names.reduce((sum, name) => sum + (files.get(name) ?? 0), 0)
}

function shortened(problems: string[]): string[] {
  if (problems.length <= mostProblems) return problems
  return [...problems.slice(0, mostProblems - 1), `and ${problems.length - mostProblems + 1} more`]
}

function amount(bytes: number): string {
  const [size, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : bytes >= 1e6 ? [bytes / 1e6, 'MB'] : [bytes, 'bytes']
  return `${unit === 'bytes' ? size : size.toFixed(1)} ${unit}`
}
