import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  Lexer,
  type LineCounter,
  type Node,
  Parser,
  visit,
  type YAMLMap,
} from 'yaml'

export const maxDepth = 64
export const maxNodes = 20_000
const maxCharacters = 256 * 1024

/** What is wrong with a YAML text, at an offset into it. */
export interface SyntaxProblem {
  problem: string
  remedy: string
  offset: number
}

/** The node tree of one YAML 1.2 document; the lines it meets are counted in `lines`. Bounded in time and depth for any text, and never throws. */
export function compose(
  text: string,
  lines: LineCounter,
): { document: Document.Parsed | null; problems: SyntaxProblem[] } {
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
    const problems: SyntaxProblem[] = [...document.errors, ...document.warnings].map((error) => ({
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
function tokens(text: string, lines: LineCounter): { tokens: CST.Token[] } | SyntaxProblem {
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
function misused(document: Document.Parsed): SyntaxProblem[] {
  const problems: SyntaxProblem[] = []
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

function repeatedKeys(map: YAMLMap): SyntaxProblem[] {
  const seen = new Set<string>()
  return map.items.flatMap(({ key }) => {
    const text = keyText(key)
    if (!seen.has(text)) {
      seen.add(text)
      return []
    }
    return [{ problem: `"${text}" is set twice`, remedy: 'remove one of the two', offset: start(key) }]
  })
}

/** Where a node begins, if it was parsed from text. */
export const start = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0

/** A key as it reads in the value. */
export const keyText = (key: unknown): string => (isScalar(key) ? String(key.value ?? '') : String(key))

/** House form of a library's sentence: lower case first, no final stop. */
export function sentence(message: string): string {
  const line = (message.split('\n', 1)[0] ?? '').replace(/[.:]+$/, '')
  return /^[A-Z][a-z]/.test(line) ? line.charAt(0).toLowerCase() + line.slice(1) : line
}
