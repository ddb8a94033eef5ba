import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { removeControlGroups } from './control-groups'
import { removeNetwork } from './network'
import { processOf, signal } from './processes'

export interface Claim {
  /** From 1 to 254: part of the lab's subnet and of every name it makes. */
  number: number
  /** Removed with the lab. */
  folder: string
}

const prefix = 'spark-lab-'

/** Takes a number that no other run on this machine has, after removing what dead runs left behind. */
export async function claim(): Promise<Claim> {
  await sweep()
  const made = mkdtempSync(join(tmpdir(), 'spark-new-lab-'))
  writeFileSync(join(made, 'owner'), mark(process.pid) ?? '')
  for (let tried = 0; tried < 254; tried++) {
    const number = 1 + ((process.pid + tried) % 254)
    const folder = join(tmpdir(), `${prefix}${number}`)
    try {
      // A folder that is not empty is never replaced: whoever renames first has the number.
      renameSync(made, folder)
      return { number, folder }
    } catch {
      // That number is taken.
    }
  }
  throw new Error(`${tmpdir()}: holds 254 labs; remove ${prefix}* there`)
}

/** Notes a process which outlives a crash of this one. */
export function noteProcess(folder: string, name: string, pid: number) {
  writeFileSync(join(folder, `${name}.process`), mark(pid) ?? '')
}

async function sweep() {
  for (const name of readdirSync(tmpdir()).filter((each) => /^spark-lab-\d+$/.test(each))) {
    const folder = join(tmpdir(), name)
    if (alive(join(folder, 'owner'))) continue
    for (const noted of readdirSync(folder).filter((each) => each.endsWith('.process'))) {
      const pid = alive(join(folder, noted))
      if (pid) signal(pid, 'SIGKILL')
      while (alive(join(folder, noted))) await Bun.sleep(10)
    }
    const number = Number(basename(folder).slice(prefix.length))
    await removeNetwork(number)
    removeControlGroups(number)
    rmSync(folder, { recursive: true, force: true })
  }
}

function mark(pid: number): string | null {
  const found = processOf(pid)
  return found && `${found.pid} ${found.started}`
}

/** The pid noted in a file while that very process lives, else null. */
function alive(file: string): number | null {
  try {
    const noted = readFileSync(file, 'utf8')
    const pid = Number(noted.split(' ')[0])
    return mark(pid) === noted ? pid : null
  } catch {
    return null
  }
}
