import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { type Container, type ContainerState, directoryOf, json, named, stateOf } from './container'
import { milliseconds } from './duration'
import { fail } from './fail'
import { readOptions } from './options'
import { output } from './output'
import { daemonAnswers } from './socket'

const CHUNK = 64 * 1024
const LOOK_MS = 50
const LOOKS_FOR_THE_END = 4
const NEWLINE = 10

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
  const index = growth(container.name)
  const log = openSync(join(directoryOf(container.name), 'log'), 'r')
  const end = fstatSync(log).size
  const from = since === null ? 0 : offsetAt(index, moment(since))
  const lines = tail === 'all' ? Number.NaN : Number(tail)
  const start = lines >= 0 ? tailStart(log, from, end, lines) : from
  const stamped = options.on('timestamps')
  print(log, start, end, stamped ? (offset) => stamp(index, offset) : null)
  closeSync(log)
  if (options.on('follow')) await followLog(container, end, stamped)
}

/** Prints what comes until the container or the daemon ends; answers its exit code. */
export async function followLog(container: Container, from = 0, stamped = false): Promise<number> {
  const directory = directoryOf(container.name)
  const log = openSync(join(directory, 'log'), 'r')
  let at = from
  let code = 0
  let ended = false
  for (let looks = 0; ; looks++) {
    ended ||= looks % LOOKS_FOR_THE_END === 0 && hasEnded(container)
    const state = ended ? json<ContainerState>(join(directory, 'state.json')) : null
    if (state) code = state.exitCode
    const { size } = fstatSync(log)
    // The daemon rotates a log that has grown too long: what was not read by then is lost.
    if (size < at) at = 0
    at = print(log, at, size, stamped ? () => new Date().toISOString() : null)
    if (ended && !existsSync(join(directory, 'pid'))) return code
    if (!daemonAnswers()) fail('unexpected EOF')
    await Bun.sleep(ended ? 5 : LOOK_MS)
  }
}

function hasEnded(container: Container): boolean {
  const now = json<Container>(join(directoryOf(container.name), 'container.json'))
  return stateOf(container.name).status !== 'running' || now?.id !== container.id
}

/** Prints the bytes from `start` to `end`, each line behind the time that `time` tells of its offset; answers where it stopped. */
function print(log: number, start: number, end: number, time: ((offset: number) => string) | null): number {
  const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(1, end - start)))
  let at = start
  let fresh = true
  while (at < end) {
    const read = readSync(log, chunk, 0, Math.min(chunk.length, end - at), at)
    if (read === 0) break
    const bytes = chunk.subarray(0, read)
    if (time === null) output(bytes)
    else
      for (const line of linesOf(bytes)) {
        output(fresh ? Buffer.concat([Buffer.from(`${time(at)} `), line]) : line)
        at += line.length
        fresh = line.at(-1) === NEWLINE
      }
    if (time === null) at += read
  }
  return at
}

/** Where the last `count` lines begin: read from the end, since a log may be long. */
function tailStart(log: number, from: number, end: number, count: number): number {
  const chunk = Buffer.alloc(CHUNK)
  let left = count
  if (count === 0) return end
  for (let at = end; at > from; ) {
    const size = Math.min(CHUNK, at - from)
    readSync(log, chunk, 0, size, at - size)
    for (let i = size - 1; i >= 0; i--) {
      const offset = at - size + i
      // A line break at the very end closes the last line, it begins none.
      if (chunk[i] === NEWLINE && offset !== end - 1 && --left < 1) return offset + 1
    }
    at -= size
  }
  return from
}

function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const at = bytes.indexOf(NEWLINE, start)
    const next = at < 0 ? bytes.length : at + 1
    yield bytes.subarray(start, next)
    start = next
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
  if (/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return now - milliseconds(text)
  const time = Date.parse(text)
  return Number.isNaN(time)
    ? fail(`invalid value for "since": failed to parse value as time or duration: "${text}"`)
    : time
}
