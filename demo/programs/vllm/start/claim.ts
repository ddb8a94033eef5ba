import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { read } from '../../../machine/files'
import { DEVICE_BYTES } from './budget'

/** This process's share of its Spark's unified memory. */
export interface Claim {
  /** Says how many bytes this process holds from now on. */
  set(bytes: number): void
  /** What the Spark still has, in bytes, as /proc/meminfo tells it. */
  available(): number
}

/**
 * Claims memory of the simulated Spark at `directory` under `name`; the file stays when the process ends, since memory of
 * a dead process comes back only after a while.
 */
export function createClaim(directory: string, name: string, pid = process.pid): Claim {
  const folder = join(directory, 'state/memory')
  const file = join(folder, String(pid))
  mkdirSync(folder, { recursive: true })
  nameProcess(name)

  function set(bytes: number) {
    writeFileSync(`${file}.new`, `${Math.round(bytes)} ${name}\n`)
    renameSync(`${file}.new`, file)
  }

  function available() {
    const [, kilobytes] = /^MemAvailable:\s+(\d+) kB/m.exec(read(join(directory, 'proc/meminfo'))) ?? []
    return kilobytes === undefined ? DEVICE_BYTES : Number(kilobytes) * 1024
  }

  return { set, available }
}

/** Bun's process.title is seen by nobody outside; Linux lets a process rename itself here. */
function nameProcess(name: string): void {
  if (process.platform === 'linux') writeFileSync('/proc/self/comm', name)
}
