import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processesOf } from '../machine/processes'
import { containers, hostDirectory, named, stateOf } from './container'
import { fail } from './fail'
import { readOptions } from './options'
import { alignColumns, renderTemplate } from './template'

/** `docker top NAME [-eo pid,etimes,args]`: the container's real processes with the arguments a Spark would show. */
export function top([reference, ...columns]: string[]) {
  const container = named(reference ?? fail("docker: 'docker top' requires at least 1 argument"))
  if (stateOf(container.name).status !== 'running')
    fail(`Error response from daemon: container ${container.id} is not running`)
  const asked = /o\s*(.+)$/.exec(columns.join(' '))?.[1]?.split(/[,\s]+/) ?? [
    'uid',
    'pid',
    'ppid',
    'c',
    'stime',
    'tty',
    'time',
    'cmd',
  ]
  const rows = processesOf({ directory: hostDirectory(), container: container.name }).map((one) => {
    const cells: Record<string, string> = {
      uid: 'root',
      user: 'root',
      pid: String(one.pid),
      ppid: String(one.parent),
      pgid: String(one.group),
      c: '0',
      stime: new Date(Date.now() - one.age * 1000).toISOString().slice(11, 16),
      tty: '?',
      time: '00:00:00',
      etimes: String(Math.floor(one.age)),
      comm: (one.args[0] ?? '').split('/').at(-1) ?? '',
    }
    return asked.map((column) => cells[column] ?? one.args.join(' '))
  })
  const names: Record<string, string> = { etimes: 'ELAPSED', args: 'COMMAND', comm: 'COMMAND', command: 'COMMAND' }
  console.log(alignColumns([asked.map((column) => names[column] ?? column.toUpperCase()), ...rows]))
}

/** `docker stats --no-stream`: memory as the processes claimed it. */
export function stats(argv: string[]) {
  const options = readOptions('stats', argv, {
    values: ['format'],
    switches: ['no-stream', 'all', 'no-trunc'],
    shorts: { a: 'all' },
  })
  const shown =
    options.rest.length > 0
      ? options.rest.map(named)
      : containers().filter((one) => stateOf(one.name).status === 'running')
  const total = Number(/MemTotal:\s+(\d+)/.exec(readText(join(hostDirectory(), 'proc/meminfo')))?.[1] ?? 1) * 1024
  const rows = shown.map((container) => {
    const pids = processesOf({ directory: hostDirectory(), container: container.name }).map(({ pid }) => pid)
    const bytes = pids.reduce((sum, pid) => sum + claim(pid), 0)
    return {
      BlockIO: '0B / 0B',
      CPUPerc: '0.00%',
      Container: container.name,
      ID: container.id.slice(0, 12),
      MemPerc: `${((100 * bytes) / total).toFixed(2)}%`,
      MemUsage: `${gib(bytes)} / ${gib(total)}`,
      Name: container.name,
      NetIO: '0B / 0B',
      PIDs: String(pids.length),
    }
  })
  const format = options.one('format')
  if (format === 'json') return console.log(rows.map((row) => JSON.stringify(row)).join('\n'))
  if (format) return console.log(rows.map((row) => renderTemplate(format, row)).join('\n'))
  const cells = rows.map((row) => [
    row.ID,
    row.Name,
    row.CPUPerc,
    row.MemUsage,
    row.MemPerc,
    row.NetIO,
    row.BlockIO,
    row.PIDs,
  ])
  console.log(
    alignColumns([
      ['CONTAINER ID', 'NAME', 'CPU %', 'MEM USAGE / LIMIT', 'MEM %', 'NET I/O', 'BLOCK I/O', 'PIDS'],
      ...cells,
    ]),
  )
}

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)}GiB`

function claim(pid: number): number {
  const directory = join(hostDirectory(), 'state/memory')
  return readdirSync(directory).includes(String(pid)) ? Number(readText(join(directory, String(pid))).split(' ')[0]) : 0
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
