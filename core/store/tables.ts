import { Database } from 'bun:sqlite'
import { migrations } from './migrations'

/** Tables that belong together: each group is taken over whole or not at all. */
export interface TableGroup {
  name: 'state' | 'events' | 'figures'
  tables: string[]
}

const events = ['events', 'watched']
const figures = ['series', 'minutes', 'hours', 'days']

/** Every table of a schema version with its columns, as the migrations make it. */
export function tablesOf(version: number): Map<string, string[]> {
  using store = new Database(':memory:', { strict: true })
  for (const step of migrations.slice(0, version)) store.run(step)
  return columnsIn(store)
}

/** Every table of an open file with its columns. */
export function columnsIn(store: Database): Map<string, string[]> {
  const rows = store
    .query(
      `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c
      WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.rowid, c.cid`,
    )
    .all() as { table: string; column: string }[]
  const found = new Map<string, string[]>()
  for (const { table, column } of rows) found.set(table, [...(found.get(table) ?? []), column])
  return found
}

/** The tables in the order of their worth: what decides anything first, then what only tells of the past. */
export function groups(tables: Iterable<string>): TableGroup[] {
  const past = [...events, ...figures]
  const all = [...tables]
  return [
    { name: 'state', tables: all.filter((each) => !past.includes(each)) },
    { name: 'events', tables: all.filter((each) => events.includes(each)) },
    { name: 'figures', tables: all.filter((each) => figures.includes(each)) },
  ]
}

/** The schema version that a file says it has. */
export function versionOf(store: Database): number {
  return (store.query('PRAGMA user_version').get() as { user_version: number }).user_version
}
