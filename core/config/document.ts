import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  visit,
  type YAMLMap,
} from 'yaml'
import type { Finding } from './cluster'

export type Path = readonly (string | number)[]
export type Position = { line: number; column: number }

/** A YAML text with its positions; `value` is undefined as soon as there is one finding. */
export interface ParsedDocument {
  value: unknown
  findings: Finding[]
  /** Line and column, both from 1, of a value or of its key; of the nearest existing parent where the path ends early. */
  at(path: Path, part?: 'key' | 'value'): Position
}

const maxCharacters = 256 * 1024
const maxDepth = 64
const maxNodes = 20_000
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
  const { document, problems } = compose(text, lines)
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

function compose(text: string, lines: LineCounter): { document: Document.Parsed | null; problems: Problem[] } {
  const refused = (problem: string, remedy: string, offset = 0) => ({
    document: null,
    problems: [{ problem, remedy, offset }],
  })
  if (text.length > maxCharacters)
    return refused('is larger than 256 kB', 'split it, or remove what is not configuration')
  const read = tokens(text, lines)
  if ('problem' in read) return refused(read.problem, read.remedy, read.offset)
  try {
    const composer = new Composer({ lineCounter: lines, prettyErrors: false, uniqueKeys: false, stringKeys: true })
    const [document, second] = [...composer.compose(read.tokens, true, text.length)]
    if (!document) return refused('is empty', 'write the configuration')
    // A directive could turn on YAML 1.1, where `no` is a boolean and `<<` merges.
    if (document.directives.yaml.version !== '1.2') return refused('is YAML 1.1', 'remove the %YAML line')
    const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => ({
      problem: error.code === 'NON_STRING_KEY' ? 'a key is not a plain word' : sentence(error.message),
      remedy: syntaxRemedies[error.code] ?? 'correct the YAML here',
      offset: error.pos[0],
    }))
    if (second)
      problems.push({
        problem: 'a second document starts here',
        remedy: 'keep one document a file',
        offset: second.range[0],
      })
    if (problems.length === 0) problems.push(...misused(document))
    return { document, problems }
  } catch (error) {
    return refused(`cannot be read (${String(error)})`, 'simplify the YAML')
  }
}

const syntaxRemedies: Record<string, string> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'align it with the lines around it',
  TAG_RESOLVE_FAILED: 'remove the tag, or quote the value',
  NON_STRING_KEY: 'quote it',
  MISSING_CHAR: 'close it on the same level',
}

/** The composer recurses: depth and count are bounded before it sees a token. */
function tokens(text: string, lines: LineCounter): { tokens: CST.Token[] } | Problem {
  const parser = new Parser(lines.addNewLine)
  const found: CST.Token[] = []
  let nodes = 0
  lines.addNewLine(0)
  try {
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) found.push(token)
      const { offset, stack } = parser
      if (stack.length > maxDepth)
        return { problem: `is nested more than ${maxDepth} levels deep`, remedy: 'flatten it', offset }
      if (nodeStarts.has(lexeme.charAt(0)) && ++nodes > maxNodes)
        return { problem: `holds more than ${maxNodes} values`, remedy: 'split it', offset }
    }
    for (const token of parser.end()) found.push(token)
    return { tokens: found }
  } catch (error) {
    return { problem: `cannot be read (${String(error)})`, remedy: 'simplify the YAML', offset: parser.offset }
  }
}

/** First characters of the lexemes that start a node: the lexer's scalar mark, an alias, properties, a collection, an entry. */
const nodeStarts = new Set(['\x1f', '*', '&', '!', '[', '{', '-', '?', ':', ',', '%', '.'])

/** What the library only finds by comparing every key with every other, or too late to say where. */
function misused(document: Document.Parsed): Problem[] {
  const problems: Problem[] = []
  const anchors = new Set<string>()
  visit(document, {
    Node(_, node) {
      const offset = start(node)
      if (isAlias(node)) {
        if (!anchors.has(node.source))
          problems.push({ problem: `*${node.source} has no anchor`, remedy: `write &${node.source} above it`, offset })
        return
      }
      if (node.anchor) anchors.add(node.anchor)
      if (isMap(node)) problems.push(...repeatedKeys(node))
    },
  })
  return problems
}

function repeatedKeys(map: YAMLMap): Problem[] {
  const seen = new Set<string>()
  return map.items.flatMap(({ key }) => {
    const text = keyText(key)
    if (!seen.has(text)) return (seen.add(text), [])
    return [{ problem: `"${text}" is set twice`, remedy: 'remove one of the two', offset: start(key) }]
  })
}

function toValue(document: Document.Parsed): { value: unknown; problems: Problem[] } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
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
  let offset = start(node) ?? 0
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    const last = index === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find((item) => keyText(item.key) === String(segment))
      if (!pair) return offset
      node = pair.value
      // A blank value has no place of its own worth pointing at.
      const blank = isScalar(node) && node.value === null && node.source === ''
      offset = (last && part === 'value' && !blank ? start(node) : start(pair.key)) ?? offset
    } else if (isSeq(node)) {
      node = node.items[Number(segment)]
      offset = start(node) ?? offset
    } else return offset
  }
  return offset
}

const start = (node: unknown): number | undefined => (node as Node | null)?.range?.[0]

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value ?? '') : String(key))

/** House form of a library's sentence: lower case first, no final stop. */
function sentence(message: string): string {
  const line = (message.split('\n', 1)[0] ?? '').replace(/[.:]+$/, '')
  return /^[A-Z][a-z]/.test(line) ? line.charAt(0).toLowerCase() + line.slice(1) : line
}
