import type { Row } from './rounds'

/** What one bench found. */
export interface Report {
  title: string
  rows: Row[]
  /** What was left out, and why. */
  notes: string[]
  /** Figures of which more is better; their ratios to nginx are told. */
  more: string[]
}

/** The report as a Markdown table: each figure, what it adds to direct, and its ratio to nginx. */
export function table({ title, rows, notes, more }: Report): string {
  const columns = Object.keys(rows[0]?.figures ?? {})
  const of = (name: string) => rows.find((row) => row.name === name)?.figures
  const lines = rows.map(({ name, figures }) => [
    name,
    ...columns.map((column) => {
      const value = figures[column] ?? Number.NaN
      const base = of(more.includes(column) ? 'nginx' : 'direct')?.[column]
      if (base === undefined || name === 'direct') return shown(value)
      return more.includes(column)
        ? `${shown(value)} (${(value / base).toFixed(2)} of nginx)`
        : `${shown(value)} (${value < base ? '' : '+'}${shown(value - base)})`
    }),
  ])
  const all = [['', ...columns], columns.map(() => '---').concat('---'), ...lines]
  return [`### ${title}`, '', ...all.map((cells) => `| ${cells.join(' | ')} |`), '', ...notes].join('\n')
}

function shown(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2)
}
