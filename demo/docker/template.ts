import { fail } from './fail'

/** The part of Go's text/template that people use with docker: `{{.A.B}}`, `{{json .A}}`, `{{.Label "x"}}`, `{{index .A "x"}}`, `{{upper .A}}`. */
export function renderTemplate(template: string, data: object): string {
  return template
    .replace(/\\t/g, '\t')
    .replace(/\\n/g, '\n')
    .replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, action: string) => evaluate(action, data))
}

/** `.Names` in a `table` template has the header `NAMES`. */
export function tableHeader(template: string, headers: Record<string, string>): string {
  return template
    .replace(/\\t/g, '\t')
    .replace(/\{\{\s*\.(\w+).*?\}\}/g, (_, field: string) => headers[field] ?? field.toUpperCase())
}

/** Columns padded as docker pads them: three blanks apart. */
export function alignColumns(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + 3))).join(''))
    .join('\n')
}

function evaluate(action: string, data: object): string {
  const words = action.match(/"(?:[^"\\]|\\.)*"|[^\s]+/g) ?? []
  const [head = '', path = '.', ...more] = words
  if (head === 'json') return JSON.stringify(field(path, data)) ?? 'null'
  if (head === 'upper') return String(field(path, data)).toUpperCase()
  if (head === 'lower') return String(field(path, data)).toLowerCase()
  if (head === 'index') return show(more.reduce<unknown>((value, key) => step(value, unquote(key)), field(path, data)))
  if (head === '.Label') {
    const labels = (data as { labels?: Record<string, string> }).labels ?? {}
    return labels[unquote(path)] ?? ''
  }
  if (head.startsWith('.')) return show(field(head, data))
  return fail(`template parsing error: template: :1: function "${head}" not defined`, 64)
}

function field(path: string, data: object): unknown {
  return path
    .split('.')
    .filter(Boolean)
    .reduce<unknown>((value, name) => {
      const known = typeof value === 'object' && value !== null && (name in value || Array.isArray(value))
      if (known) return step(value, name)
      return fail(`template: :1:2: executing "" at <${path}>: can't evaluate field ${name} in type interface {}`)
    }, data)
}

function step(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

const unquote = (word: string) => (word.startsWith('"') ? String(JSON.parse(word)) : word)

function show(value: unknown): string {
  if (value === undefined || value === null) return '<no value>'
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const pairs = Object.entries(value).map(([key, inner]) => `${key}:${show(inner)}`)
  return `map[${pairs.join(' ')}]`
}
