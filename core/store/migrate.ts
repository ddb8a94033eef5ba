import type { Database } from 'bun:sqlite'
import { migrations } from './migrations'
import { versionOf } from './tables'

/**
 * Runs the steps that this file has not seen, all in one transaction; a file that has seen all is not written.
 * @throws {Error} when the file was written by a newer program: nothing is changed then
 */
export function migrate(store: Database, steps: readonly string[] = migrations): void {
  const version = versionOf(store)
  refuseNewer(version, steps.length)
  if (version === steps.length) return
  store.transaction(() => {
    for (const step of steps.slice(version)) store.run(step)
    store.run(`PRAGMA user_version = ${steps.length}`)
  })()
}

/** @throws {Error} for a schema version that this program does not know */
export function refuseNewer(version: number, known = migrations.length) {
  if (version <= known) return
  throw new Error(
    `data: was written by a newer Spark Control (schema ${version}, this one knows ${known}); install the newer version or use another data directory`,
  )
}
