import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter } from 'yaml'
import type { Finding } from './cluster'
import { compose, keyText, maxDepth, maxNodes, sentence, start } from './compose'

export type Path = readonly (string | number)[]
export type Position = { line: number; column: number }

/** Something wrong at a path of the file. */
export interface PathProblem {
  path: Path
  problem: string
  remedy: string
}

/** A YAML text with its positions; `value` is undefined as soon as there is one finding. */
export interface ParsedDocument {
  value: unknown
  findings: Finding[]
  /** Line and column, both from 1, of a value or of its key; of the nearest existing parent where the path ends early. */
  at(path: Path, part?: 'key' | 'value'): Position
}

const maxFindings = 100
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

type Problem = { problem: string; remedy: string; path?: Path; offset?: number }

/** Parses YAML 1.2; never throws: everything wrong with the text is a finding that carries `file`. */
export function parseDocument(text: string, file: string): ParsedDocument {
  const lines = new LineCounter()
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const { document, problems: syntax } = compose(text, lines)
  const problems: Problem[] = [...syntax]
  const at = (path: Path, part: 'key' | 'value' = 'value') => position(document ? offsetOf(document, path, part) : 0)

  let value: unknown
  if (document && problems.length === 0) {
    const converted = toValue(document)
    value = converted.value
    problems.push(...converted.problems)
  }
  const findings = problems.slice(0, maxFindings).map(({ problem, remedy, path = [], offset }): Finding => {
    const place = offset === undefined ? at(path, 'key') : position(offset)
    return { file, ...place, path: path.join('.'), problem, remedy, severity: 'error' }
  })
  return { value: findings.length > 0 ? undefined : value, findings, at }
}

function toValue(document: Document.Parsed): { value: unknown; problems: Problem[] } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (value === null) return { value, problems: [{ problem: 'is empty', remedy: 'fill it in' }] }
    return { value, problems: inspect(value) }
  } catch (error) {
    const problem = error instanceof Error ? sentence(error.message) : 'cannot be read'
    return { value: undefined, problems: [{ problem, remedy: 'write the values out instead of using aliases' }] }
  }
}

/** Walks what aliases expand to, cycles included, hence the two bounds again. */
function inspect(value: unknown): Problem[] {
  const problems: Problem[] = []
  let nodes = 0
  const walk = (node: unknown, path: Path): boolean => {
    if (++nodes > maxNodes || path.length > maxDepth) return false
    if (typeof node !== 'object' || node === null) return true
    for (const key of Object.keys(node)) {
      if (forbidden.has(key))
        problems.push({
          problem: `the key "${key}" is not allowed`,
          remedy: 'choose another name',
          path: [...path, key],
        })
      else if (!walk((node as Record<string, unknown>)[key], [...path, Array.isArray(node) ? Number(key) : key]))
        return false
    }
    return true
  }
  if (!walk(value, [])) problems.push({ problem: 'its aliases expand to too much', remedy: 'write the values out' })
  return problems
}

function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = start(node)
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    const last = index === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find((item) => keyText(item.key) === String(segment))
      if (!pair) return offset
      node = pair.value
      // A blank value has no place of its own worth pointing at.
      const blank = isScalar(node) && node.value === null && node.source === ''
      offset = last && part === 'value' && !blank ? start(node) : start(pair.key)
    } else if (isSeq(node)) {
      node = node.items[Number(segment)]
      if (node === undefined) return offset
      offset = start(node)
    } else return offset
  }
  return offset
}
