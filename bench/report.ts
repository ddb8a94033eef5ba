import type { Row } from './rounds'

/** What one bench found. */
export interface Report {
  title: string
  rows: Row[]
  /** What was left out, and why. */
  notes: string[]
  /** Figures whose ratios to nginx are told. */
  ratios?: string[]
  /** Figures of which it is told what they add to direct. */
  added?: string[]
}

/** The report as a Markdown table: each figure, what it adds to direct, and its ratio to nginx. */
export function table({ title, rows, notes, ratios = [], added = [] }: Report): string {
  const columns = Object.keys(rows[0]?.figures ?? {})
  const of = (name: string) => rows.find((row) => row.name === name)?.figures
  const lines = rows.map(({ name, figures }) => [
    name,
    ...columns.map((column) => {
      const value = figures[column] ?? Number.NaN
      const [nginx, direct] = [of('nginx')?.[column], of('direct')?.[column]]
      if (name === 'direct') return shown(value)
      if (ratios.includes(column) && nginx !== undefined)
        return `${shown(value)} (${(value / nginx).toFixed(2)} of nginx)`
      if (added.includes(column) && direct !== undefined) return `${shown(value)} (${signed(value - direct)})`
      return shown(value)
    }),
  ])
  const all = [['', ...columns], columns.map(() => '---').concat('---'), ...lines]
  return [`### ${title}`, '', ...all.map((cells) => `| ${cells.join(' | ')} |`), '', ...notes].join('\n')
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${shown(value)}`
}

function shown(value: number): string {
  if (Number.isNaN(value)) return ''
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2)
}
