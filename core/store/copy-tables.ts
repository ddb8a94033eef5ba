import type { Database } from 'bun:sqlite'
import { columnsIn } from './tables'

/** Copies all rows of these tables into those of the same names in another file, in one transaction. */
export function copyTables(from: Database, into: string, tables: readonly string[]) {
  const columns = columnsIn(from)
  // Attached to the connection that reads: where that alone may open its file, this works too.
  from.run('ATTACH ? AS copy', [into])
  try {
    from.transaction(() => {
      for (const table of tables) {
        const names = columns.get(table)?.join(', ') ?? '*'
        from.run(`INSERT INTO copy.${table} (${names}) SELECT ${names} FROM main.${table}`)
      }
    })()
  } finally {
    from.run('DETACH copy')
  }
}
