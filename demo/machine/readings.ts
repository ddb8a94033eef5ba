import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { list, read } from './files'
import type { Claim } from './memory'
import { alive } from './processes'

/** What the living processes of a host hold, each in state/memory/<pid> as `<bytes> <name>`; files of the dead are removed. */
export function readClaims(host: string, known: Claim[], now: number): Claim[] {
  return living(join(host, 'state/memory')).flatMap(({ pid, text }) => {
    const [, digits, name = ''] = /^(\d+)(?: (.*))?$/m.exec(text) ?? []
    const bytes = Number(digits)
    return bytes > 0 ? [{ pid, name, bytes, since: known.find((claim) => claim.pid === pid)?.since ?? now }] : []
  })
}

/** Requests that the servers of a host are working on, as each tells in state/activity/<pid>. */
export function readRequests(host: string): number {
  return living(join(host, 'state/activity')).reduce((sum, { text }) => sum + (Number(text) || 0), 0)
}

/** Does a fault of that kind hold? */
export function faultHolds(host: string, kind: string): boolean {
  return existsSync(join(host, 'state/faults', `${kind}.json`))
}

/** True once after somebody wrote to drop_caches from a privileged container. */
export function cachesDropped(host: string): boolean {
  const file = join(host, 'state/drop_caches')
  if (!existsSync(file)) return false
  rmSync(file, { force: true })
  return true
}

/** Is a server of the host overloaded on purpose? */
export function overloaded(host: string): boolean {
  const folder = join(host, 'state/faults')
  return list(folder).some((name) => name.startsWith('port-') && read(join(folder, name)).includes('"busy"'))
}

function living(folder: string): { pid: number; text: string }[] {
  return list(folder).flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    if (alive(Number(name))) return [{ pid: Number(name), text: read(join(folder, name)) }]
    rmSync(join(folder, name), { force: true })
    return []
  })
}
