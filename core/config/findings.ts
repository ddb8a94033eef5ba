import type { ErrorObject } from 'ajv'
import type { Finding } from './cluster'
import type { ParsedDocument } from './document'
import { pathOf, plainWords } from './plain-words'

/** `file:line:column: path: problem; remedy`, a note with `note:` before it. */
export function formatFinding(finding: Finding): string {
  const { file, line, column, path, problem, remedy, severity } = finding
  const subject = path === '' ? '' : `${path}: `
  const advice = remedy === '' ? '' : `; ${remedy}`
  return `${severity === 'note' ? 'note: ' : ''}${file}:${line}:${column}: ${subject}${problem}${advice}`
}

/** In the order a reader meets them. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => a.line - b.line || a.column - b.column)
}

/** What ajv (with `allErrors` and `verbose`) found, in plain words at its place in the text; `root` resolves `$ref`s of descriptions. */
export function schemaFindings(
  errors: readonly ErrorObject[],
  document: ParsedDocument,
  file: string,
  root: object,
): Finding[] {
  const seen = new Set<string>()
  return errors.flatMap((error): Finding[] => {
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
