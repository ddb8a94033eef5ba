import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  pid: number
  name: string
  parent: number
  /** Clock ticks since the machine's boot: with the pid, it names a process for good. */
  started: number
  /** Processor time of it and of the children it has waited for, in seconds. */
  cpuSeconds: number
}

// USER_HZ, which Linux has fixed at 100 for all programs.
const ticksPerSecond = 100

/** The process of this pid, or null when there is none; one that is over and not yet waited for is none. */
export function processOf(pid: number): Process | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const close = text.lastIndexOf(')')
    const fields = text.slice(close + 2).split(' ')
    if (fields[0] === 'Z') return null
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
    return {
      pid,
      name: text.slice(text.indexOf('(') + 1, close),
      parent: Number(fields[1]),
      started: Number(fields[19]),
      cpuSeconds: ticks / ticksPerSecond,
    }
  } catch {
    return null
  }
}

/** A process and everything below it, parents first. */
export function processTree(root: number): Process[] {
  const children = new Map<number, Process[]>()
  for (const name of readdirSync('/proc')) {
    const found = /^\d+$/.test(name) ? processOf(Number(name)) : null
    if (found) children.set(found.parent, [...(children.get(found.parent) ?? []), found])
  }
  const below = (pid: number): Process[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child.pid)])
  const top = processOf(root)
  return top ? [top, ...below(root)] : []
}

/** Sends a signal to one process; one that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals) {
  // Zero and less would be whole groups of processes, ours among them.
  if (!(pid > 1)) throw new Error(`${pid}: is no process to signal; name one that a lab started`)
  try {
    process.kill(pid, name)
  } catch {
    // It ended between the look and the signal.
  }
}
