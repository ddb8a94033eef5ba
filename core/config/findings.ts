import type { ErrorObject } from 'ajv'
import type { Finding } from './cluster'
import type { ParsedDocument } from './document'
import { pathOf, plainWords } from './plain-words'

/** A file with more mistakes than this is another kind of file. */
const maxFindings = 100

/** `file:line:column: path: problem; remedy`, a note with `note:` before it. */
export function formatFinding(finding: Finding): string {
  const { file, line, column, path, problem, remedy, severity } = finding
  const subject = path === '' ? '' : `${path}: `
  const advice = remedy === '' ? '' : `; ${remedy}`
  const prefix = severity === 'note' ? 'note: ' : ''
  return printable(`${prefix}${file}:${line}:${column}: ${subject}${problem}${advice}`)
}

/** A key may hold an escape sequence, and these lines end in terminals. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}

/** In the order a reader meets them, as many as one can read. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, maxFindings)
}

/** What ajv (with `allErrors` and `verbose`) found, in plain words at its place in the text; `root` resolves `$ref`s of descriptions. */
export function schemaFindings(
  errors: readonly ErrorObject[],
  document: ParsedDocument,
  file: string,
  root: object,
): Finding[] {
  const seen = new Set<string>()
  return errors.slice(0, maxFindings).flatMap((error): Finding[] => {
    const words = plainWords(error, document.value, root)
    if (!words) return []
    const path = words.path ?? pathOf(error, document.value)
    const position = document.at(path, words.part)
    const key = `${position.line}:${position.column}:${words.problem}`
    if (seen.has(key)) return []
    seen.add(key)
    // An unknown key is named in the problem: the path says where it stands.
    const shown = words.part === 'key' ? path.slice(0, -1) : path
    const { problem, remedy } = words
    return [{ file, ...position, path: shown.join('.'), problem, remedy, severity: 'error' }]
  })
}
