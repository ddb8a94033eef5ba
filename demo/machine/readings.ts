import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Claim } from './memory'
import { alive } from './processes'

/** What the living processes of a host hold, each in state/memory/<pid> as `<bytes> <name>`; files of the dead are removed. */
export function readClaims(host: string, known: Claim[], now: number): Claim[] {
  return living(join(host, 'state/memory')).flatMap(({ pid, text }) => {
    const bytes = Number(text.split(' ')[0])
    return bytes > 0 ? [{ pid, bytes, since: known.find((claim) => claim.pid === pid)?.since ?? now }] : []
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

/** Notes when each container's log was how long, which `docker logs --since` and `-t` go by; `noted` keeps the last lengths. */
export function noteLogs(host: string, noted: Map<string, number>, now: number) {
  const folder = join(host, 'state/containers')
  for (const name of names(folder)) {
    const bytes = statSync(join(folder, name, 'log'), { throwIfNoEntry: false })?.size ?? 0
    if (bytes === (noted.get(name) ?? 0)) continue
    noted.set(name, bytes)
    appendFileSync(join(folder, name, 'log.index'), `${now} ${bytes}\n`)
  }
}

function living(folder: string): { pid: number; text: string }[] {
  return names(folder).flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    if (alive(Number(name))) return [{ pid: Number(name), text: read(join(folder, name)) }]
    rmSync(join(folder, name), { force: true })
    return []
  })
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
