import type { Database } from 'bun:sqlite'
import { closeSync, openSync, readSync } from 'node:fs'
import { columnsIn, groups, type TableGroup, tablesOf, versionOf } from './tables'

/** Columns that hold JSON. */
const texts = ['view', 'request', 'plan', 'payload', 'attempts']

// A year of two Sparks takes 0.2 s; what is more than this is looked at when it is read.
const budgetMs = 400

/**
 * The groups of tables that are not as they should be: pages, columns, or text that is no JSON.
 * @param thorough looks at every index too, which takes ten times as long; else what only tells of the past is passed over when time runs out
 * @throws what SQLite throws where nothing can be read at all
 */
export function damagedGroups(store: Database, thorough = false): TableGroup['name'][] {
  const until = thorough ? Number.POSITIVE_INFINITY : performance.now() + budgetMs
  const version = versionOf(store)
  const expected = tablesOf(version)
  const found = columnsIn(store)
  // Tables that the version does not know, or a file with pages but without tables: the header tells something else than it held.
  const strange = [...found.keys()].some((table) => !expected.has(table)) || (version === 0 && pagesOf(store) > 1)
  return groups(expected.keys())
    .filter(({ name }) => name === 'state' || performance.now() < until)
    .filter(({ name, tables }) => {
      const check = thorough || name === 'state' ? 'integrity_check' : 'quick_check'
      const whole = (table: string) => isWhole(store, table, check, expected.get(table), found.get(table))
      return (name === 'state' && strange) || !tables.every(whole)
    })
    .map(({ name }) => name)
}

function pagesOf(store: Database): number {
  return (store.query('PRAGMA page_count').get() as { page_count: number }).page_count
}

function isWhole(
  store: Database,
  table: string,
  check: 'integrity_check' | 'quick_check',
  expected: string[] = [],
  found: string[] = [],
): boolean {
  if (!expected.every((column) => found.includes(column))) return false
  try {
    const answers = store.query(`PRAGMA ${check}(${table})`).all() as Record<string, string>[]
    const sound = answers.every((answer) => answer[check] === 'ok')
    return sound && json(expected).every((column) => isJson(store, table, column))
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  }
}

// What cannot be parsed would end this program at its next start, and so at each.
function isJson(store: Database, table: string, column: string): boolean {
  return store.query(`SELECT 1 FROM ${table} WHERE json_valid(${column}) = 0 LIMIT 1`).get() === null
}

function json(columns: string[]): string[] {
  return columns.filter((column) => texts.includes(column))
}

/** Whether the header asks for a later format than SQLite has: such a file is read but never written. */
export function forbidsWriting(path: string): boolean {
  const handle = openSync(path, 'r')
  try {
    const format = new Uint8Array(1)
    readSync(handle, format, 0, 1, 18)
    return (format[0] ?? 0) > 2
  } finally {
    closeSync(handle)
  }
}

/** Whether an error of SQLite tells of a file that is not what it was, rather than of one that cannot be reached now. */
export function isDamage(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code ?? '')
  return /^SQLITE_(CORRUPT|NOTADB|ERROR$|SCHEMA|CONSTRAINT|IOERR_(READ|SHORT_READ|CORRUPTFS|DATA)$)/.test(code)
}
