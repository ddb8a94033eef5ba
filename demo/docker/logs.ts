import { existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { type Container, type ContainerState, directoryOf, json, named, stateOf } from './container'
import { fail } from './fail'
import { readOptions } from './options'

/** `docker logs`. A container's log has no times of its own: the machine notes when it grew (log.index). */
export async function logs(argv: string[]) {
  const options = readOptions('logs', argv, {
    values: ['tail', 'since', 'until'],
    switches: ['follow', 'timestamps', 'details'],
    shorts: { f: 'follow', n: 'tail', t: 'timestamps' },
  })
  const container = named(options.rest[0] ?? fail("docker: 'docker logs' requires 1 argument"))
  const tail = options.one('tail') ?? 'all'
  const since = options.one('since')
  const stamped = options.on('timestamps')
  const index = growth(container.name)
  const log = join(directoryOf(container.name), 'log')
  const from = since === null ? 0 : offsetAt(index, moment(since))
  const whole = readFileSync(log)
  const lines = linesOf(whole.subarray(from))
  const count = tail === 'all' || Number(tail) < 0 ? lines.length : Number(tail)
  let at = from
  const offsets = lines.map((line) => {
    const start = at
    at += Buffer.byteLength(line)
    return start
  })
  const first = Math.max(0, lines.length - count)
  const text = lines
    .slice(first)
    .map((line, i) => (stamped ? `${stamp(index, offsets[first + i] ?? 0)} ${line}` : line))
  process.stdout.write(text.join(''))
  if (options.on('follow')) await followLog(container, whole.length, stamped)
}

/** Prints what comes until the container ends; answers its exit code. */
export async function followLog(container: Container, from = 0, stamped = false): Promise<number> {
  const directory = directoryOf(container.name)
  const log = openSync(join(directory, 'log'), 'r')
  const chunk = Buffer.alloc(64 * 1024)
  let at = from
  let code = 0
  for (;;) {
    const ended =
      stateOf(container.name).status !== 'running' ||
      json<Container>(join(directory, 'container.json'))?.id !== container.id
    const state = json<ContainerState>(join(directory, 'state.json'))
    if (state) code = state.exitCode
    for (
      let read = readSync(log, chunk, 0, chunk.length, at);
      read > 0;
      read = readSync(log, chunk, 0, chunk.length, at)
    ) {
      const text = chunk.toString('utf8', 0, read)
      process.stdout.write(stamped ? text.replace(/^(?=.)/gm, `${new Date().toISOString()} `) : text)
      at += read
    }
    if (ended && !existsSync(join(directory, 'pid'))) return code
    await Bun.sleep(ended ? 5 : 60)
  }
}

type Growth = { at: number; bytes: number }[]

function growth(name: string): Growth {
  const file = join(directoryOf(name), 'log.index')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [at, bytes] = line.split(' ').map(Number)
      return at && bytes !== undefined ? [{ at, bytes }] : []
    })
}

/** How long the log was at that time: the last note before it. */
function offsetAt(index: Growth, time: number): number {
  return index.findLast((note) => note.at < time)?.bytes ?? 0
}

/** When the byte at `offset` was there: the first note past it. */
function stamp(index: Growth, offset: number): string {
  return new Date(index.find((note) => note.bytes > offset)?.at ?? Date.now()).toISOString()
}

/** `10m`, `1h30m`, `42s`, seconds since the epoch, or RFC 3339, as docker takes them. */
export function moment(text: string, now = Date.now()): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)]
  if (parts.length > 0 && parts.map(([whole]) => whole).join('') === text) {
    const unit: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
    return now - parts.reduce((sum, [, amount, name = 's']) => sum + Number(amount) * (unit[name] ?? 0), 0)
  }
  const time = Date.parse(text)
  return Number.isNaN(time)
    ? fail(`invalid value for "since": failed to parse value as time or duration: "${text}"`)
    : time
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('utf8').match(/[^\n]*\n|[^\n]+$/g) ?? []
}
