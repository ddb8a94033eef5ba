import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { list, read } from './files'

/** One real process that belongs to a simulated host. */
export interface HostProcess {
  pid: number
  parent: number
  group: number
  /** The host's directory (SPARK_SIM_DIR). */
  directory: string
  /** Null outside every container. */
  container: string | null
  /** Arguments as `ps` on a Spark would show them: `vllm serve …`, not the interpreter and file that play it. */
  args: string[]
  /** The stand-in program's name (`vllm`, `embedder`, `docker`), null for a plain system program. */
  program: string | null
  /** Seconds since it started. */
  age: number
}

/** Every living process whose environment names a simulated host under `cluster` (or of exactly one `directory`). */
export function processesOf(where: { cluster?: string; directory?: string; container?: string }): HostProcess[] {
  return (process.platform === 'linux' ? fromProc() : fromGroups(where)).filter(
    (one) =>
      (where.directory === undefined || one.directory === where.directory) &&
      (where.cluster === undefined || one.directory.startsWith(`${join(where.cluster, 'hosts')}/`)) &&
      (where.container === undefined || one.container === where.container),
  )
}

/** SIGKILLs them, and whatever they forked meanwhile, until none is left; never the caller itself. */
export function killAll(where: Parameters<typeof processesOf>[0]) {
  for (let round = 0; round < 20; round++) {
    const left = processesOf(where).filter((one) => one.pid !== process.pid)
    if (left.length === 0) return
    for (const { pid } of left) signal(pid, 'SIGKILL')
    if (round > 0) Bun.sleepSync(5)
  }
}

/** Sends a signal; a process that has gone meanwhile is no error. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** Does it still run? One that waits for its parent to notice its end does not. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What a stand-in shows of itself: `bun …/container/vllm.ts serve X` is `vllm serve X`. */
export function shownArgs(args: string[]): { args: string[]; program: string | null } {
  const file = args[1] ?? ''
  if (!file.includes('/demo/') || !/\.(ts|sh)$/.test(file)) return { args, program: null }
  const program = basename(file).replace(/\.(ts|sh)$/, '')
  return { args: [program, ...args.slice(2)], program }
}

function fromProc(): HostProcess[] {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    const environment = read(`/proc/${name}/environ`)
    const directory = variable(environment, 'SPARK_SIM_DIR')
    if (directory === null) return []
    // pid (comm) state ppid pgrp …; comm may hold spaces and brackets, so count from the last one.
    const stat = read(`/proc/${name}/stat`)
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields.length < 20) return []
    return [
      {
        pid: Number(name),
        parent: Number(fields[1]),
        group: Number(fields[2]),
        directory,
        container: variable(environment, 'SPARK_SIM_CONTAINER'),
        ...shownArgs(read(`/proc/${name}/cmdline`).replace(/\0$/, '').split('\0')),
        age: Math.max(0, uptime - Number(fields[19]) / 100),
      },
    ]
  })
}

/** Without /proc (macOS) a process is found by its process group, which every stand-in that starts one writes down. */
function fromGroups({ cluster, directory }: { cluster?: string; directory?: string }): HostProcess[] {
  const hosts = directory
    ? [directory]
    : list(join(cluster ?? '', 'hosts')).map((id) => join(cluster ?? '', 'hosts', id))
  const groups = new Map(
    hosts.flatMap((host) =>
      list(join(host, 'state/groups')).map((group) => {
        const container = read(join(host, 'state/groups', group)).trim()
        return [Number(group), { directory: host, container: container || null }] as const
      }),
    ),
  )
  const { stdout } = Bun.spawnSync(['ps', '-A', '-o', 'pid=,ppid=,pgid=,args='])
  return String(stdout)
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, group, args] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
      const owner = groups.get(Number(group))
      if (!owner || args === undefined) return []
      return [
        {
          pid: Number(pid),
          parent: Number(parent),
          group: Number(group),
          ...owner,
          ...shownArgs(args.split(' ')),
          age: 0,
        },
      ]
    })
}

function variable(environment: string, name: string): string | null {
  const start = environment.startsWith(`${name}=`) ? 0 : environment.indexOf(`\0${name}=`) + 1
  if (start === 0 && !environment.startsWith(`${name}=`)) return null
  const end = environment.indexOf('\0', start)
  return environment.slice(start + name.length + 1, end < 0 ? undefined : end)
}
