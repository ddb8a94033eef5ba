import { expect, setDefaultTimeout, test } from 'bun:test'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { journal } from '../jobs/journal'
import { newJob } from '../jobs/progress'
import { openStore } from './store'

setDefaultTimeout(60_000)

const data = mkdtempSync(join(tmpdir(), 'spark-store-'))
const file = join(data, 'spark-control.sqlite')

test('every job that was answered for is there after a power cut that took what was not', () => {
  const store = openStore(data)
  let count = 0
  const accept = () => journal(store).add({ view: job(count++), request: { words: 'x'.repeat(3000) } })
  accept()
  const round = (more: number, share: number, garbage: boolean) => {
    accept()
    const [answered, synced] = [count, written()]
    for (let n = 0; n < more; n++) accept()
    const copy = mkdtempSync(join(tmpdir(), 'spark-cut-'))
    const cut = join(copy, 'spark-control.sqlite')
    copyFileSync(file, cut)
    copyFileSync(`${file}-wal`, `${cut}-wal`)
    // Begun anew, the log holds nothing that the synced database has not.
    const end = written()
    const from = end < synced ? 0 : synced
    const at = from + Math.floor(share * (end - from))
    if (garbage) writeFileSync(`${cut}-wal`, Buffer.concat([readFileSync(`${cut}-wal`).subarray(0, at), noise]))
    else truncateSync(`${cut}-wal`, at)
    const after = openStore(copy)
    const found = new Set(after.query('SELECT id FROM jobs').values().flat())
    after.close()
    rmSync(copy, { recursive: true })
    for (let n = 0; n < answered; n++) expect(found.has(job(n).id)).toBe(true)
  }
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), share, fc.boolean(), round), { numRuns: 200 })
  store.close()
  rmSync(data, { recursive: true })
})

const noise = Buffer.alloc(9000, 0xa5)

/** Bytes of the log that hold what was committed: the shared index counts its frames. */
function written(): number {
  const frames = readFileSync(`${file}-shm`).readUInt32LE(16)
  return 32 + frames * (24 + 4096)
}

function job(n: number) {
  const given = { id: `service-${n}`, kind: 'service' as const, action: 'start', title: 'Start it', service: 'llm' }
  return newJob({ ...given, phases: [] }, new Date(n).toISOString())
}
